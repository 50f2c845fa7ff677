// Foreign text made safe for a terminal or a log line.
#pragma once

#include <string>
#include <string_view>

namespace supportd::observe {

// Control characters (C0, DEL, C1), line and paragraph separators and bidirectional overrides become visible escapes
// (\n, \x1b, \u202e); bytes that are not UTF-8 become U+FFFD. Everything else stays as it is.
std::string printable(std::string_view text);

}  // namespace supportd::observe
