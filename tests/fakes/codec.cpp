#include "tests/fakes/codec.hpp"

#include <date/date.h>
#include <openssl/evp.h>

#include <algorithm>

#include "daemon/digest.hpp"

namespace supportd::fakes {
namespace {

std::string format(const char* pattern, std::chrono::sys_seconds at) { return date::format(pattern, at); }

}  // namespace

std::string sha256_hex(std::string_view data) { return digest::hex(digest::sha256(data)); }

std::string md5_hex(std::string_view data) {
  std::string out(16, '\0');
  EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr, EVP_md5(), nullptr);
  return digest::hex(out);
}

std::optional<std::string> unbase64(std::string_view text) {
  auto bytes = digest::parse_base64(text);
  if (!bytes) return {};
  return std::move(*bytes);
}

std::string http_date(Instant at) {
  return format("%a, %d %b %Y %H:%M:%S GMT", std::chrono::floor<std::chrono::seconds>(at));
}

std::string with_millis(Instant at) { return date::format("%Y-%m-%dT%H:%M:%SZ", at); }

std::string to_second(Instant at) { return format("%Y-%m-%dT%H:%M:%SZ", std::chrono::floor<std::chrono::seconds>(at)); }

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string replace_all(std::string text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace supportd::fakes
