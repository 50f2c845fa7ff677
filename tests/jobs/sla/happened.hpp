// Tickets as clocks see them: what happened, and the rules of a desk of one policy.
#pragma once

#include <gmock/gmock.h>

#include <functional>

#include "jobs/sla/clocks.hpp"

namespace supportd::sla {

using namespace std::chrono_literals;
using calendar::Calendar;
using calendar::parse_target;
using tickets::Priority;
using tickets::Status;

class Happened : public testing::Test {
 protected:
  // Monday 2026-03-16, at that time in UTC; "+1 09:00": the day after.
  static Instant on(const std::string& text) {
    const auto space = text.find(' ');
    const int days = space == text.npos ? 0 : std::stoi(text.substr(0, space));
    const std::string clock = space == text.npos ? text : text.substr(space + 1);
    return time::parse_instant("2026-03-16T" + clock + ":00Z").value() + std::chrono::days{days};
  }

  static std::shared_ptr<const Calendar> hours(const char* week, const char* days = "mon-fri") {
    calendar::Definition out;
    for (const unsigned day : calendar::parse_weekdays(days).value())
      out.week[day] = calendar::parse_hours(week).value();
    return std::make_shared<const Calendar>(out);
  }

  Happened() {
    rules.emplace_back();
    rules[0].calendars = {{"always", hours("00:00-24:00", "sun-sat")}, {"office", hours("09:00-17:00")}};
    Policy policy;
    policy.name = "standard";
    policy.calendar = "always";
    rules[0].policies = {policy};
  }
  Policy& policy() { return rules[0].policies[0]; }
  void promise(Metric metric, const char* target, const char* priority = "any") {
    policy().targets[metric][priority].push_back(parse_target(target).value());
  }
  Happening& add(const std::string& at, Happening::Kind kind) {
    Happening it;
    it.at = on(at);
    it.kind = kind;
    it.facts = facts;
    happenings.push_back(it);
    return happenings.back();
  }
  void created(const std::string& at, Happening::Who who = Happening::Who::customer) {
    add(at, Happening::Kind::created).who = who;
  }
  void says(const std::string& at, Happening::Who who, bool is_public = true) {
    Happening& it = add(at, Happening::Kind::comment);
    it.who = who;
    it.is_public = is_public;
  }
  void becomes(const std::string& at, const std::function<void(Facts&)>& how) {
    how(facts);
    add(at, Happening::Kind::facts);
  }
  void status(const std::string& at, Status status) {
    becomes(at, [&](Facts& it) { it.status = status; });
  }
  std::vector<Clock> of(Metric metric, const std::string& now) {
    std::vector<Clock> out;
    for (auto& clock : clocks_of(happenings, rules, on(now))) {
      if (clock.metric == metric) out.push_back(std::move(clock));
    }
    return out;
  }
  Clock one(Metric metric, const std::string& now) {
    auto all = of(metric, now);
    if (all.size() != 1) throw std::runtime_error(std::to_string(all.size()) + " clocks");
    return all.front();
  }

  static constexpr auto customer = Happening::Who::customer;
  static constexpr auto agent = Happening::Who::agent;
  Facts facts;
  std::vector<Happening> happenings;
  std::vector<Rules> rules;
};

}  // namespace supportd::sla
