// [calendar]: business calendars by name, in files of their own and in the configuration, which beats them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/section.hpp"
#include "jobs/calendar/hours.hpp"

namespace supportd::calendar {

// What a file NAME.toml holds, and a table [calendar.hours.NAME].
struct Shape {
  std::optional<std::string> zone;
  std::map<std::string, Hours> week;  // by weekday or range: "mon-fri"; those that are missing are closed
  std::vector<std::string> holidays;  // files beside this one: tables (.toml), iCalendar (.ics)
  std::vector<std::string> only;      // of iCalendar events: regular expressions on summary and categories
  std::vector<std::string> except;
  std::optional<std::string> valid_to;  // until when the holidays are known, in place of what a feed's last event tells
  std::map<std::string, Hours> days;    // by date: what holds then, whatever the week and the holidays say
  std::map<std::string, Hours> breaks;
  std::map<std::string, config::Spot> spots;  // of all that: "", "week", "week.mon-fri"
};
void bind(config::Binder& b, Shape& s);

struct Section {
  Section();
  std::string directory;  // of the files
  Millis warn_before{std::chrono::days{90}};
  std::map<std::string, Shape> hours;
};
void bind(config::Binder& b, Section& s);

// A file of holidays: [days] "2026-01-01" = "New Year's Day"
struct HolidayTable {
  std::string source;    // where the days are from
  std::string valid_to;  // the last date for which they are known
  std::map<std::string, std::string> days;
};
void bind(config::Binder& b, HolidayTable& t);

}  // namespace supportd::calendar
