#include "jobs/sla/explain.hpp"

#include <gmock/gmock.h>

namespace supportd::sla {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

Instant at(const std::string& text) { return time::parse_instant(text).value(); }

std::vector<Rules> korea() {
  calendar::Definition hours;
  hours.zone = time::Zone::find("Asia/Seoul").value();
  for (unsigned day = 1; day <= 5; ++day) hours.week[day] = calendar::parse_hours("09:00-18:00").value();
  for (const char* date : {"2026-02-16", "2026-02-17", "2026-02-18"}) {
    hours.holidays[calendar::parse_day(date).value()] = {"설날", ""};
  }
  Rules out;
  Policy policy;
  policy.name = "general";
  policy.calendar = "kr";
  policy.targets[Metric::resolution]["any"] = {calendar::parse_target("8h").value()};
  out.policies = {policy};
  out.calendars["kr"] = std::make_shared<const calendar::Calendar>(hours);
  return {out};
}

Clock resolution(std::vector<Happening> happenings, const std::vector<Rules>& rules, const std::string& now) {
  for (auto& clock : clocks_of(happenings, rules, at(now))) {
    if (clock.metric == Metric::resolution) return clock;
  }
  throw std::runtime_error("no clock");
}

std::vector<std::string> told(const std::vector<Line>& lines) {
  std::vector<std::string> out;
  for (const Line& it : lines) {
    const char* kinds[] = {"counted", "paused", "closed"};
    out.push_back(std::string(kinds[static_cast<int>(it.kind)]) + " " + time::to_text(it.from).substr(5, 11) + " " +
                  time::to_text(it.to).substr(5, 11) + " " + it.why + " " + time::to_text(it.total));
  }
  return out;
}

TEST(Explain, NamesTheHolidaysAndThePauses) {
  const auto rules = korea();
  Happening created, pending, open;
  created.kind = Happening::Kind::created;
  created.at = at("2026-02-13T08:00:00Z");
  pending.at = at("2026-02-19T01:00:00Z");
  pending.facts.status = tickets::Status::pending;
  open.at = at("2026-02-19T02:00:00Z");
  open.facts.status = tickets::Status::open;
  const Clock clock = resolution({created, pending, open}, rules, "2026-02-19T12:00:00Z");
  EXPECT_THAT(
      told(explain(clock, rules)),
      ElementsAre("counted 02-13T08:00 02-13T09:00 new 1h", "closed 02-13T09:00 02-19T00:00 설날 1h",
                  "counted 02-19T00:00 02-19T01:00 new 2h", "paused 02-19T01:00 02-19T02:00 paused: pending 2h",
                  "counted 02-19T02:00 02-19T09:00 open 9h", "closed 02-19T09:00 02-19T12:00 outside of hours 9h"));
  EXPECT_EQ(explain(clock, rules).front().policy, "general, version 1");
  EXPECT_EQ(explain(clock, rules).back().total, clock.open);
}

// What a calendar's own lines say of a date is a reason, too, where it is one.
TEST(Explain, NamesTheDatesThatTheCalendarNames) {
  auto rules = korea();
  calendar::Definition hours = rules[0].calendars["kr"]->definition();
  hours.days[calendar::parse_day("2026-03-03").value()] = {};
  hours.days[calendar::parse_day("2026-03-04").value()] = calendar::parse_hours("09:00-13:00").value();
  hours.breaks[calendar::parse_day("2026-03-05").value()] = calendar::parse_hours("12:00-13:00").value();
  rules[0].calendars["kr"] = std::make_shared<const calendar::Calendar>(hours);
  Happening created;
  created.kind = Happening::Kind::created;
  created.at = at("2026-03-02T08:00:00Z");
  std::vector<std::string> why;
  for (const Line& it : explain(resolution({created}, rules, "2026-03-05T09:30:00Z"), rules)) {
    if (it.kind == Line::Kind::closed) why.push_back(it.why);
  }
  EXPECT_THAT(why, ElementsAre("2026-03-03 closed", "2026-03-04 09:00-13:00", "2026-03-05 break 12:00-13:00",
                               "outside of hours"));
}

// Nothing is due while a clock stands, and what is promised may change all the same: into what is missed already.
TEST(Explain, WhatChangesWhileAClockStandsIsNamed) {
  auto rules = korea();
  rules[0].policies[0].targets[Metric::resolution]["urgent"] = {calendar::parse_target("30m").value()};
  Happening created, pending, urgent;
  created.kind = Happening::Kind::created;
  created.at = at("2026-03-02T00:00:00Z");
  pending.at = at("2026-03-02T01:00:00Z");
  pending.facts.status = tickets::Status::pending;
  urgent = pending;
  urgent.at = at("2026-03-02T01:30:00Z");
  urgent.facts.priority = tickets::Priority::urgent;
  const Clock clock = resolution({created, pending, urgent}, rules, "2026-03-02T02:00:00Z");
  ASSERT_THAT(clock.breaches, SizeIs(1));
  EXPECT_EQ(clock.breaches[0].at, urgent.at);
  ASSERT_THAT(clock.changes, SizeIs(3));
  EXPECT_EQ(clock.changes[2].at, urgent.at);
  EXPECT_EQ(clock.changes[2].why, "priority urgent");
}

TEST(Explain, OfYearsItSaysNotEveryDay) {
  const auto rules = korea();
  Happening created;
  created.kind = Happening::Kind::created;
  created.at = at("2024-01-01T00:00:00Z");
  const Clock clock = resolution({created}, rules, "2030-01-01T00:00:00Z");
  const auto lines = explain(clock, rules);
  EXPECT_THAT(lines, SizeIs(1'000));
  EXPECT_EQ(lines.back().to, at("2030-01-01T00:00:00Z"));
  EXPECT_EQ(lines.back().total, clock.open);
}

}  // namespace
}  // namespace supportd::sla
