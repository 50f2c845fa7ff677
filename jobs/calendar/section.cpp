#include "jobs/calendar/section.hpp"

#include <re2/re2.h>

#include <filesystem>

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

// A key with a flaw leaves, as a value with one does: whoever computes with the rest may rely on its keys.
template <class T, class Parse>
void check_keys(config::Binder& b, const char* key, std::map<std::string, T>& table, Parse parse) {
  for (const auto& name : b.keys_of(key)) {
    const auto parsed = parse(name);
    if (parsed) continue;
    b.flaw_within({key, name}, parsed.error().what);
    table.erase(name);
  }
}

void check_overlaps(config::Binder& b, const std::map<std::string, Hours>& week) {
  std::map<unsigned, std::string> named;
  for (const auto& [name, hours] : week) {
    for (const unsigned day : *parse_weekdays(name)) {
      const auto [other, is_new] = named.emplace(day, name);
      if (is_new) continue;
      b.flaw_within({"week", name}, std::string(weekday_name(day)) + " stands in " + other->second + " and in " + name);
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
  b.field("valid_to", s.valid_to, config::parsed_by(parse_day));
  b.text("days", s.days, parse_hours, print);
  b.text("breaks", s.breaks, parse_hours, print);
  check_keys(b, "week", s.week, parse_weekdays);
  check_keys(b, "days", s.days, parse_day);
  check_keys(b, "breaks", s.breaks, parse_day);
  check_overlaps(b, s.week);
  s.spots = b.spots();
}

void bind(config::Binder& b, Section& s) {
  b.field("directory", s.directory, config::absolute_path());
  b.field("warn_before", s.warn_before, config::between(0s, std::chrono::days{3650}));
  b.map("hours", s.hours);
  if (b.given("directory") && !std::filesystem::is_directory(s.directory)) {
    b.warn("directory", "there is no directory " + s.directory);
  }
}

void bind(config::Binder& b, HolidayTable& t) {
  b.field("source", t.source, config::not_empty());
  b.field("valid_to", t.valid_to, config::parsed_by(parse_day));
  b.field("days", t.days);
  b.require({"source", "valid_to", "days"});
  check_keys(b, "days", t.days, parse_day);
  const auto until = parse_day(t.valid_to);
  for (const auto& [date, name] : t.days) {
    if (until && *parse_day(date) > *until) b.flaw_within({"days", date}, date + " is later than valid_to");
  }
}

}  // namespace supportd::calendar
