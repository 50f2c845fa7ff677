// The little XML that the AWS query protocol answers with: elements and text. Strict: no DOCTYPE, no entities but the
// five of XML 1.0 and character references, everything closed, one root.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "daemon/result.hpp"

namespace supportd::connectors::aws {

// The text of every element without children, by its path: {"/ErrorResponse/Error/Code", "AccessDenied"}. A path that
// occurs twice is a mistake, as are more than 16 levels.
Parsed<std::map<std::string, std::string>> xml_leaves(std::string_view text);

}  // namespace supportd::connectors::aws
