// Holidays from an iCalendar file (RFC 5545): all-day events, over several days or every year. Read strictly: what is
// not understood is a flaw with its line, never a day too few.
#pragma once

#include <map>
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

// A file may hold 2 MiB, 10,000 events and 100,000 days from 1990 to 2037.
std::map<Day, Holiday> read_ics(std::string_view text, const std::string& file, const Pick& pick,
                                config::Report& report);

}  // namespace supportd::calendar
