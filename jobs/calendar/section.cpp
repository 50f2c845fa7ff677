#include "jobs/calendar/section.hpp"

#include <re2/re2.h>

#include "daemon/version.hpp"
#include "jobs/calendar/definition.hpp"

namespace supportd::calendar {
namespace {

using namespace std::chrono_literals;

config::Complaint regular_expression(const std::string& text) {
  RE2::Options options;
  options.set_log_errors(false);
  const RE2 compiled(text, options);
  if (compiled.ok()) return {};
  return "no regular expression: " + compiled.error();
}

config::Complaint holiday_file(const std::string& name) {
  if (name.ends_with(".toml") || name.ends_with(".ics")) return {};
  return "expected a file of holidays, .toml or .ics";
}

std::string print(const Hours& hours) { return to_text(hours); }

void check_dates(config::Binder& b, const char* key, const std::map<std::string, Hours>& by_date) {
  for (const auto& [date, hours] : by_date) {
    if (const auto day = parse_day(date); !day) b.flaw(key, day.error().what);
  }
}

void check_week(config::Binder& b, const std::map<std::string, Hours>& week) {
  std::map<unsigned, std::string> named;
  for (const auto& [name, hours] : week) {
    const auto days = parse_weekdays(name);
    if (!days) {
      b.flaw("week", days.error().what);
      continue;
    }
    for (const unsigned day : *days) {
      const auto [other, is_new] = named.emplace(day, name);
      if (!is_new) b.flaw("week", std::string(weekday_name(day)) + " stands in " + other->second + " and in " + name);
    }
  }
}

}  // namespace

Section::Section() : directory(data_directory + std::string("/calendars")) {}

void bind(config::Binder& b, Shape& s) {
  b.field("zone", s.zone, config::parsed_by(time::Zone::find));
  b.text("week", s.week, parse_hours, print);
  b.field("holidays", s.holidays, holiday_file);
  b.field("only", s.only, regular_expression);
  b.field("except", s.except, regular_expression);
  b.text("days", s.days, parse_hours, print);
  b.text("breaks", s.breaks, parse_hours, print);
  check_week(b, s.week);
  check_dates(b, "days", s.days);
  check_dates(b, "breaks", s.breaks);
}

void bind(config::Binder& b, Section& s) {
  b.field("directory", s.directory, config::absolute_path());
  b.field("warn_before", s.warn_before, config::between(0s, std::chrono::days{3650}));
  b.map("hours", s.hours);
}

void bind(config::Binder& b, HolidayTable& t) {
  b.field("source", t.source, config::not_empty());
  b.field("valid_to", t.valid_to, config::parsed_by(parse_day));
  b.field("days", t.days);
  b.require({"source", "valid_to", "days"});
  const auto until = parse_day(t.valid_to);
  for (const auto& [date, name] : t.days) {
    const auto day = parse_day(date);
    if (!day) {
      b.flaw("days", day.error().what);
    } else if (until && *day > *until) {
      b.flaw("days", date + " is later than valid_to");
    }
  }
}

}  // namespace supportd::calendar
