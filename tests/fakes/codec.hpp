// Digests and encodings the vendors use on the wire.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/time/instant.hpp"

namespace supportd::fakes {

std::string sha256_hex(std::string_view data);
std::string hmac_sha256(std::string_view key, std::string_view data);  // 32 raw bytes
std::string hex(std::string_view bytes);
std::string base64(std::string_view bytes);
std::optional<std::string> unbase64(std::string_view text);  // RFC 4648 section 4, padding required

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
