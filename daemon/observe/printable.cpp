#include "daemon/observe/printable.hpp"

#include <cstdio>

#include "daemon/json.hpp"

namespace supportd::observe {
namespace {

bool is_plain(unsigned char byte) { return byte >= 0x20 && byte < 0x7f; }

std::string escaped(unsigned char control) {
  switch (control) {
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: break;
  }
  char out[8];
  std::snprintf(out, sizeof out, "\\x%02x", control);
  return out;
}

// The code point of the two or three bytes that begin `text`, as far as the dangerous ones need it.
unsigned code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]) & 0x3fU; };
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead == 0xc2 && text.size() >= 2) return 0x80U | byte(1);
  if (lead == 0xe2 && text.size() >= 3) return 0x2000U | byte(1) << 6 | byte(2);
  return 0;
}

bool is_hidden(unsigned code) {
  return (code >= 0x80 && code <= 0x9f) || (code >= 0x200e && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
         (code >= 0x2066 && code <= 0x2069);
}

}  // namespace

std::string printable(std::string_view text) {
  const std::string valid = json::valid_utf8(text);
  std::string out;
  out.reserve(valid.size());
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const auto byte = static_cast<unsigned char>(valid[i]);
    if (is_plain(byte)) {
      out += valid[i];
    } else if (byte < 0x20 || byte == 0x7f) {
      out += escaped(byte);
    } else if (const unsigned code = code_point(std::string_view(valid).substr(i)); is_hidden(code)) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", code);
      out += escape;
      i += byte == 0xc2 ? 1 : 2;
    } else {
      out += valid[i];
    }
  }
  return out;
}

}  // namespace supportd::observe
