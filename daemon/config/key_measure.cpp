#include "daemon/config/key_measure.hpp"

#include <algorithm>

namespace supportd::config {

namespace {

class KeyMeasure {
 public:
  // Where a key has too many parts.
  static std::optional<Place> too_long(std::string_view text, const std::string& file) {
    KeyMeasure measure;
    for (measure.rest_ = text; !measure.rest_.empty();) {
      if (measure.step()) return Place{file, measure.line_, 1};
    }
    return {};
  }

 private:
  bool step() {
    for (std::string_view quotes : {"\"\"\"", "'''", "\"", "'"}) {
      if (rest_.starts_with(quotes)) return skip_text(quotes);
    }
    const char c = rest_.front();
    if (c == '#') return skip(std::min(rest_.find('\n'), rest_.size()));
    if (c == '.') ++dots_;
    if (c == '\n') ++line_;
    if (std::string_view("\n=,[]{}").find(c) != std::string_view::npos) dots_ = 0;
    return skip(1) || dots_ >= most_key_parts;
  }

  bool skip(std::size_t count) {
    rest_.remove_prefix(count);
    return false;
  }

  // A text in triple quotes may end with one or two quotes of its own.
  bool close(std::string_view quotes) {
    skip(quotes.size());
    for (int own = 0; quotes.size() == 3 && own < 2 && rest_.starts_with(quotes.front()); ++own) skip(1);
    return false;
  }

  // To the closing quotes; a text on one line ends with the line at the latest.
  bool skip_text(std::string_view quotes) {
    skip(quotes.size());
    while (!rest_.empty()) {
      if (rest_.starts_with(quotes)) return close(quotes);
      if (rest_.front() == '\n' && quotes.size() == 1) return false;
      if (rest_.front() == '\n') ++line_;
      const bool escape = rest_.front() == '\\' && quotes.front() == '"' && rest_.size() > 1 && rest_[1] != '\n';
      skip(escape ? 2 : 1);
    }
    return false;
  }

  std::string_view rest_;
  unsigned line_ = 1;
  unsigned dots_ = 0;
};

}  // namespace

std::optional<Place> endless_key(std::string_view text, const std::string& file) {
  return KeyMeasure::too_long(text, file);
}

}  // namespace supportd::config
