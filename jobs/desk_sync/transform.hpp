// From a desk's value to the ledger's and back, step by step: the closed list of docs/sync.md. Pure.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/section.hpp"

namespace re2 {
class RE2;
}

namespace supportd::desk_sync {

enum class Letters { lower, upper };

// "05.03.2026" to "2026-03-05"; forms as strftime's, read and written in UTC.
struct DateForm {
  std::string read, write;
  friend bool operator==(const DateForm&, const DateForm&) = default;
};
void bind(config::Binder& b, DateForm& form);

// "1.234,50" to "1234.5": the marks of what is read, and how it is written.
struct NumberForm {
  std::string point = ".", thousands;  // as read; either may be absent from the text
  std::string write_point = ".";
  int decimals = -1;  // written, rounded half away from zero; -1: as many as there are
  friend bool operator==(const NumberForm&, const NumberForm&) = default;
};
void bind(config::Binder& b, NumberForm& form);

// Exactly one member is set.
struct Step {
  std::optional<std::map<std::string, std::string>> map;  // a value that is not in it has no counterpart
  std::optional<std::string> prefix, without_prefix;      // without_prefix: what does not begin so has no counterpart
  bool trim = false;                                      // white space at both ends
  std::optional<Letters> letters;
  std::optional<std::string> capture;  // RE2; the first group, or the whole match; no match: no counterpart
  std::optional<DateForm> date;        // what is no such date has no counterpart
  std::optional<NumberForm> number;
  std::optional<std::string> constant;

  std::shared_ptr<const re2::RE2> pattern;  // of `capture`

  friend bool operator==(const Step& a, const Step& b) {
    return a.map == b.map && a.prefix == b.prefix && a.without_prefix == b.without_prefix && a.trim == b.trim &&
           a.letters == b.letters && a.capture == b.capture && a.date == b.date && a.number == b.number &&
           a.constant == b.constant;
  }
};
void bind(config::Binder& b, Step& step);

// Nothing when the value has no counterpart. An empty value stays empty, but for a constant.
std::optional<std::string> transform(const std::vector<Step>& steps, std::string value);

}  // namespace supportd::desk_sync
