// Open hours of a day as people write them: "09:00-12:00, 13:00-18:00", "22:00-06:00" (to the next morning),
// "00:00-24:00", "closed".
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/result.hpp"

namespace supportd::calendar {

// From the day's midnight, by the clock on the wall; an end beyond 24 h lies on the next day.
struct Span {
  std::chrono::seconds begin{}, end{};
  friend bool operator==(const Span&, const Span&) = default;
};

struct Hours {
  std::vector<Span> spans;  // in order, none touching another; none at all: closed
  friend bool operator==(const Hours&, const Hours&) = default;
};

// HH:MM or HH:MM:SS, up to 24:00. A span that ends where or before it begins ends on the next day.
Parsed<Span> parse_span(std::string_view begin, std::string_view end);
// The mistake names the two spans that overlap.
Parsed<Hours> hours_of(std::vector<Span> spans);
Parsed<Hours> parse_hours(std::string_view text);
std::string to_text(const Span& span);
std::string to_text(const Hours& hours);

}  // namespace supportd::calendar
