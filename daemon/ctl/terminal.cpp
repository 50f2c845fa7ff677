#include "daemon/ctl/terminal.hpp"

#include <stdlib.h>
#include <unistd.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstdio>
#include <utility>

#include "daemon/observe/printable.hpp"

namespace supportd::ctl {
namespace {

const char* code(Tone tone) {
  switch (tone) {
    case Tone::plain: return "";
    case Tone::good: return "\x1b[32m";
    case Tone::warning: return "\x1b[33m";
    case Tone::bad: return "\x1b[31m";
    case Tone::faint: return "\x1b[2m";
  }
  return "";
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789.-") == text.npos &&
         text.find_first_of("0123456789") != text.npos;
}

std::string padded(const std::string& text, std::size_t to, bool right) {
  const std::string blanks(to - std::min(to, width(text)), ' ');
  return right ? blanks + text : text + blanks;
}

}  // namespace

std::size_t width(std::string_view utf8) {
  std::size_t out = 0;
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(utf8.data());
  for (std::size_t at = 0; at < utf8.size();) {
    utf8proc_int32_t point = 0;
    const auto used = utf8proc_iterate(bytes + at, static_cast<utf8proc_ssize_t>(utf8.size() - at), &point);
    at += used > 0 ? static_cast<std::size_t>(used) : 1;
    out += used > 0 ? static_cast<std::size_t>(std::max(utf8proc_charwidth(point), 0)) : 1;
  }
  return out;
}

std::string toned(std::string_view text, Tone tone, bool colour) {
  std::string safe = observe::printable(text);
  if (!colour || tone == Tone::plain) return safe;
  return code(tone) + safe + "\x1b[0m";
}

void Table::print(std::ostream& out, bool colour) const {
  std::vector<std::size_t> widths;
  std::vector<char> numbers(heads_.size(), 1);
  for (const auto& head : heads_) widths.push_back(width(head));
  for (const auto& row : rows_) {
    for (std::size_t i = 0; i < heads_.size(); ++i) {
      const std::string safe = observe::printable(row[i].text);
      widths[i] = std::max(widths[i], width(safe));
      if (!is_number(safe) && safe != "-") numbers[i] = 0;
    }
  }
  const auto line = [&](const std::vector<Cell>& row) {
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool last = i + 1 == row.size();
      const std::string safe = observe::printable(row[i].text);
      const bool right = numbers[i] && !rows_.empty();
      const std::string cell = last && !right ? safe : padded(safe, widths[i], right);
      // Made safe already; toned() would find nothing more to do.
      text += toned(cell, row[i].tone, colour) + (last ? "" : "  ");
    }
    out << text << '\n';
  };
  std::vector<Cell> heads;
  for (const auto& head : heads_) heads.emplace_back(head, Tone::faint);
  line(heads);
  for (const auto& row : rows_) line(row);
}

void print_facts(std::ostream& out, const std::vector<std::pair<std::string, Cell>>& facts, bool colour) {
  std::size_t widest = 0;
  for (const auto& [name, value] : facts) widest = std::max(widest, width(name));
  for (const auto& [name, value] : facts) {
    out << toned(padded(name + ":", widest + 1, false), Tone::faint, colour) << "  "
        << toned(value.text, value.tone, colour) << '\n';
  }
}

bool is_terminal() {
  const char* kind = ::getenv("TERM");
  return ::isatty(STDERR_FILENO) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
}

bool wants_colour() {
  const char* refused = ::getenv("NO_COLOR");
  return ::isatty(STDOUT_FILENO) == 1 && (refused == nullptr || *refused == '\0');
}

TameOutput::Buffer::int_type TameOutput::Buffer::overflow(int_type byte) {
  if (traits_type::eq_int_type(byte, traits_type::eof())) return traits_type::not_eof(byte);
  const char text = traits_type::to_char_type(byte);
  return xsputn(&text, 1) == 1 ? byte : traits_type::eof();
}

std::streamsize TameOutput::Buffer::xsputn(const char* text, std::streamsize length) {
  constexpr char lead = '\xc2';
  const std::string_view in(text, static_cast<std::size_t>(length));
  if (!lead_ && in.find(lead) == in.npos) return to_.write(text, length) ? length : 0;
  std::string out;
  out.reserve(in.size());
  for (const char c : in) {
    const auto byte = static_cast<unsigned char>(c);
    const bool second = std::exchange(lead_, false);
    if (second && byte >= 0x80 && byte < 0xa0) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", static_cast<unsigned>(byte));
      out += escape;
      continue;
    }
    if (second) out += lead;
    lead_ = c == lead;
    if (!lead_) out += c;
  }
  return to_.write(out.data(), static_cast<std::streamsize>(out.size())) ? length : 0;
}

int TameOutput::Buffer::sync() {
  if (std::exchange(lead_, false)) to_.put('\xc2');
  return to_.flush() ? 0 : -1;
}

}  // namespace supportd::ctl
