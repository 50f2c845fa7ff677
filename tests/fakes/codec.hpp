// Text forms the vendors use on the wire, beside those of daemon/digest.hpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/time/instant.hpp"

namespace supportd::fakes {

std::string sha256_hex(std::string_view data);
std::string md5_hex(std::string_view data);
std::optional<std::string> unbase64(std::string_view text);  // absent: not base64

// "Sun, 06 Nov 1994 08:49:37 GMT"
std::string http_date(Instant at);
// "2026-01-02T03:04:05.678Z", always with milliseconds, as AWS Support writes times.
std::string with_millis(Instant at);
// "2026-01-02T03:04:05Z", cut to the second, as Freshdesk writes times.
std::string to_second(Instant at);

// Unicode code points of a UTF-8 text.
std::size_t characters(std::string_view text);

std::string replace_all(std::string text, std::string_view what, std::string_view with);
std::string lower_case(std::string_view text);  // ASCII only

}  // namespace supportd::fakes
