// Images that stand in a comment's HTML. Zendesk lists them among the attachments only when it likes.
#pragma once

#include <string>
#include <vector>

#include "connectors/desk.hpp"

namespace supportd::connectors::zendesk {

// Images kept by the account itself (<base_url>/attachments/...), never those of other hosts; at most 50. The id is the
// path's token, the name from its query. Pure.
std::vector<DeskFile> inline_images(const std::string& html, const std::string& base_url);

}  // namespace supportd::connectors::zendesk
