#include "jobs/calendar/ics_lines.hpp"

#include "daemon/json.hpp"

namespace supportd::calendar {
namespace {

constexpr std::size_t most_folds = 1'000;

// NAME;PARAM=VALUE;PARAM="QUOTED":VALUE
bool split_line(const std::string& whole, IcsLine& out) {
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const char c = whole[i];
    if (c == '"') {
      quoted = !quoted;
    } else if (c == ';' && !quoted) {
      parts.emplace_back();
    } else if (c == ':' && !quoted) {
      out.value = whole.substr(i + 1);
      out.name = upper(parts[0]);
      for (std::size_t p = 1; p < parts.size(); ++p) {
        const auto equals = parts[p].find('=');
        if (equals == parts[p].npos) return false;
        out.params[upper(parts[p].substr(0, equals))] = upper(parts[p].substr(equals + 1));
      }
      return !out.name.empty();
    } else {
      parts.back() += c;
    }
  }
  return false;
}

}  // namespace

std::optional<std::string_view> IcsLines::raw() {
  if (rest_.empty()) return {};
  ++number_;
  const auto end = rest_.find('\n');
  std::string_view line = rest_.substr(0, end);
  rest_.remove_prefix(end == rest_.npos ? rest_.size() : end + 1);
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

Parsed<std::optional<IcsLine>> IcsLines::next() {
  auto first = raw();
  while (first && first->empty()) first = raw();
  if (!first) return std::optional<IcsLine>{};
  IcsLine out;
  out.number = number_;
  std::string whole(*first);
  for (std::size_t folds = 0; !rest_.empty() && (rest_[0] == ' ' || rest_[0] == '\t'); ++folds) {
    if (folds == most_folds) return Mistake{"a line that is folded more than a thousand times", out.number};
    whole += raw()->substr(1);
  }
  if (!split_line(whole, out)) return Mistake{"no property: expected NAME:VALUE", out.number};
  return std::optional(std::move(out));
}

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
  return out;
}

std::string unescaped_text(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      out += text[i];
    } else {
      ++i;
      out += text[i] == 'n' || text[i] == 'N' ? ' ' : text[i];
    }
  }
  return json::valid_utf8(out);
}

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> out;
  for (;;) {
    const auto end = text.find(at);
    out.push_back(text.substr(0, end));
    if (end == text.npos) return out;
    text.remove_prefix(end + 1);
  }
}

}  // namespace supportd::calendar
