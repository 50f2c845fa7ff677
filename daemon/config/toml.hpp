// TOML text to a tree of values. The only place that knows toml++.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "daemon/config/node.hpp"

namespace supportd::config {

// TOML 1.0. A syntax error ends the reading of this text: one flaw, with an empty path.
std::variant<Node, Flaw> parse_toml(std::string_view text, const std::string& file);

}  // namespace supportd::config
