// toml++ 3.3 bounds the nesting of lists and inline tables, but not the parts of a dotted key: its destructors recurse
// through hundreds of thousands of them and end the process. So keys are measured before it sees the text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/config/flaw.hpp"

namespace supportd::config {

inline constexpr unsigned most_key_parts = 32;

// The line where a key has more parts than that. Right for any text up to its first syntax error.
std::optional<Place> endless_key(std::string_view text, const std::string& file);

}  // namespace supportd::config
