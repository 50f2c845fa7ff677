// SHA-256, HMAC-SHA-256 (RFC 2104) and the text forms of bytes. Inputs may hold any byte.
#pragma once

#include <string>
#include <string_view>

#include "daemon/result.hpp"

namespace supportd::digest {

std::string sha256(std::string_view bytes);  // 32 bytes
std::string hmac_sha256(std::string_view key, std::string_view bytes);

std::string hex(std::string_view bytes);     // lower case
std::string base64(std::string_view bytes);  // RFC 4648 section 4, padded, on one line
// Strict: no line ends, full padding.
Parsed<std::string> parse_base64(std::string_view text);

}  // namespace supportd::digest
