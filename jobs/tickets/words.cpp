#include "jobs/tickets/words.hpp"

#include <utf8proc.h>

#include <cctype>
#include <cstdlib>
#include <memory>

#include "jobs/tickets/text.hpp"

namespace supportd::tickets {
namespace {

bool is_latin(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

bool is_hangul(utf8proc_int32_t point) {
  return (point >= 0xAC00 && point <= 0xD7A3) || (point >= 0x1100 && point <= 0x11FF) ||
         (point >= 0x3130 && point <= 0x318F);
}

// Calls f with each code point; bytes that are not UTF-8 are passed over.
template <class F>
void each_point(std::string_view text, F&& f) {
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  auto left = static_cast<utf8proc_ssize_t>(text.size());
  while (left > 0) {
    utf8proc_int32_t point = 0;
    utf8proc_ssize_t length = utf8proc_iterate(at, left, &point);
    if (length > 0) {
      f(point);
    } else {
      length = 1;
    }
    at += length;
    left -= length;
  }
}

}  // namespace

std::string fold(std::string_view text) {
  std::string out;
  each_point(normalise(text), [&](utf8proc_int32_t point) {
    utf8proc_uint8_t bytes[4];
    const auto length = utf8proc_encode_char(utf8proc_tolower(point), bytes);
    out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
  });
  return out;
}

bool contains_word(std::string_view folded, std::string_view word) {
  const std::string wanted = fold(word);
  if (wanted.empty()) return false;
  for (std::size_t at = folded.find(wanted); at != std::string_view::npos; at = folded.find(wanted, at + 1)) {
    const std::size_t end = at + wanted.size();
    const bool begins = !is_latin(wanted.front()) || at == 0 || !is_latin(folded[at - 1]);
    const bool ends = !is_latin(wanted.back()) || end == folded.size() || !is_latin(folded[end]);
    if (begins && ends) return true;
  }
  return false;
}

bool is_korean(std::string_view text) {
  std::size_t hangul = 0, letters = 0;
  each_point(text, [&](utf8proc_int32_t point) {
    const auto category = utf8proc_category(point);
    if (category < UTF8PROC_CATEGORY_LU || category > UTF8PROC_CATEGORY_LO) return;
    ++letters;
    if (is_hangul(point)) ++hangul;
  });
  return hangul * 10 > letters;
}

}  // namespace supportd::tickets
