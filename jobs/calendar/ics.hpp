// Holidays from an iCalendar file (RFC 5545): all-day events, over several days or every year. Read strictly: what is
// not understood is a flaw with its line, never a day too few.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/flaw.hpp"
#include "jobs/calendar/definition.hpp"

namespace supportd::calendar {

// Which events count, by SUMMARY and CATEGORIES: feeds mix observances and changes of the clocks in.
struct Pick {
  std::vector<std::string> only;    // regular expressions (RE2), found anywhere, in any case; none: all events
  std::vector<std::string> except;  // beats `only`
};

struct Feed {
  std::map<Day, Holiday> days;
  // The last day that somebody wrote down: singly, or as one of a number of years. What comes again without end says
  // nothing about how far the rest is known. None: there is nothing else.
  std::optional<Day> last{};
};

// A file may hold 2 MiB, 10,000 events and 100,000 days from 1990 to 2037.
Feed read_ics(std::string_view text, const std::string& file, const Pick& pick, config::Report& report);

}  // namespace supportd::calendar
