// What comes back every year, by iCalendar's RRULE (RFC 5545, 3.3.10): on the start's own date, or on an n-th weekday
// of a month. Other rules are refused by name.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "jobs/calendar/definition.hpp"

namespace supportd::calendar {

struct Yearly {
  int interval = 1;
  std::optional<int> count;
  std::optional<Day> until;
  std::optional<unsigned> month, month_day;  // as the rule says them again; the start must agree
  struct Weekday {
    int n = 0;  // negative: from the month's end
    unsigned weekday = 0;
  };
  std::optional<Weekday> on;
};

Parsed<Day> parse_ics_date(std::string_view text);      // YYYYMMDD
Parsed<int> parse_ics_duration(std::string_view text);  // in days: P1D, P2W
Parsed<Yearly> parse_yearly(std::string_view text);
// After the start itself, up to the year `last`.
std::vector<Day> repeats(Day start, const Yearly& rule, int last);

}  // namespace supportd::calendar
