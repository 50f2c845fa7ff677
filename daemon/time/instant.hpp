// Instants (UTC, to the millisecond) and their text form, RFC 3339.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "daemon/result.hpp"

namespace supportd::time {

using Millis = std::chrono::milliseconds;
using Instant = std::chrono::sys_time<Millis>;

// The far end of time; stored and compared, never shown.
inline constexpr Instant never = Instant::max();

// "2026-01-01T00:00:00Z"; milliseconds are written only when there are any.
std::string to_text(Instant at);
// RFC 3339 with `Z` or an offset, any number of fraction digits (cut to milliseconds).
Parsed<Instant> parse_instant(std::string_view text);
// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7), as in the Date header.
Parsed<Instant> parse_http_date(std::string_view text);
std::string to_http_date(Instant at);

// "90s", "15m", "1h30m", "2d", "250ms".
std::string to_text(Millis length);
Parsed<Millis> parse_length(std::string_view text);

inline std::int64_t to_millis(Instant at) { return at.time_since_epoch().count(); }
inline Instant from_millis(std::int64_t ms) { return Instant{Millis{ms}}; }

}  // namespace supportd::time

namespace supportd {
using time::Instant;
using time::Millis;
}  // namespace supportd
