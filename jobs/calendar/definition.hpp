// A business calendar as people define it: a week, and what differs from it on which date. A value; `Calendar` is what
// computes with it.
#pragma once

#include <date/date.h>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/time/zone.hpp"
#include "jobs/calendar/hours.hpp"

namespace supportd::calendar {

// A civil date, 23 to 25 hours long.
using Day = date::local_days;

Parsed<Day> parse_day(std::string_view text);  // "2026-05-01"
std::string to_text(Day day);
inline Day day_of(const time::Zone& zone, Instant at) { return date::floor<date::days>(zone.local(at)); }

// Its midnight there, or what the clocks show first on that date.
Instant start_of(const time::Zone& zone, Day day);

struct Holiday {
  std::string name;
  std::string source;  // "holidays/kr.toml"; empty: the definition itself
};

struct Definition {
  std::string name;
  time::Zone zone = time::Zone::utc();
  std::array<Hours, 7> week{};        // from Sunday on
  std::map<Day, Holiday> holidays{};  // closed, the whole civil date
  std::map<Day, Hours> days{};        // what holds on that date, whatever the week and the holidays say
  std::map<Day, Hours> breaks{};      // closed in between
  std::optional<Day> valid_to{};      // beyond it the holidays are not known
};

// Of the weekday, or the date where the definition names it; breaks are not yet taken out.
const Hours& hours_on(const Definition& definition, Day day);
// What is really open of what begins on that date: without breaks, and cut at midnight where the next date is one that
// the definition names.
std::vector<Span> open_on(const Definition& definition, Day day);

// Whether it has any hours at all.
bool ever_opens(const Definition& definition);

// What is wrong with it, or probably not meant: overlapping days, no hours at all, a break in closed time.
struct Remark {
  std::string key;   // of what it is about: "week", "week.fri", "days.2026-05-01", "breaks.2026-05-01"
  std::string what;  // with the date concerned
  bool warning = false;
};
std::vector<Remark> review(const Definition& definition);

// The days of a week by name: "mon", or "mon-fri"; the mistake lists them. From Sunday: 0.
Parsed<std::vector<unsigned>> parse_weekdays(std::string_view text);
std::string_view weekday_name(unsigned weekday);

// A local time to UTC, as RFC 5545 (3.3.5) has it: one that the clocks skip counts by the offset before the gap, one
// that comes twice is the first.
class Offsets {
 public:
  // REQUIRES: calls in order of time.
  Offsets(const time::Zone& zone, Instant from);
  Instant to_utc(date::local_seconds at);
  // Whether the clocks skip that date as a whole (Samoa, 2011-12-30).
  bool skip(Day day);

 private:
  date::sys_info after(const date::sys_info& info) const;

  const date::time_zone* zone_;
  date::sys_info now_, next_;
};

}  // namespace supportd::calendar
