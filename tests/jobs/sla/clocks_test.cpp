#include "jobs/sla/clocks.hpp"

#include <gmock/gmock.h>

#include <functional>

namespace supportd::sla {
namespace {

using namespace std::chrono_literals;
using calendar::Calendar;
using calendar::parse_target;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using tickets::Priority;
using tickets::Status;

// Monday 2026-03-16, at that time in UTC; "+1 09:00": the day after.
Instant on(const std::string& text) {
  const auto space = text.find(' ');
  const int days = space == text.npos ? 0 : std::stoi(text.substr(0, space));
  const std::string clock = space == text.npos ? text : text.substr(space + 1);
  return time::parse_instant("2026-03-16T" + clock + ":00Z").value() + std::chrono::days{days};
}

std::shared_ptr<const Calendar> hours(const char* week, const char* days = "mon-fri") {
  calendar::Definition out;
  for (const unsigned day : calendar::parse_weekdays(days).value()) out.week[day] = calendar::parse_hours(week).value();
  return std::make_shared<const Calendar>(out);
}

class Clocks : public testing::Test {
 protected:
  Clocks() {
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

TEST_F(Clocks, WhatIsReachedExactlyIsMet) {
  promise(Metric::first_reply, "1h");
  created("09:00");
  says("10:00", agent);
  EXPECT_THAT(one(Metric::first_reply, "12:00").breaches, IsEmpty());
  happenings.back().at += 1ms;
  EXPECT_THAT(one(Metric::first_reply, "12:00").breaches, SizeIs(1));
}

TEST_F(Clocks, WhoAnswersWhileTheDeskIsClosedIsNotLate) {
  policy().calendar = "office";
  promise(Metric::first_reply, "1h");
  created("16:00");
  says("23:00", agent);
  const Clock clock = one(Metric::first_reply, "+1 12:00");
  EXPECT_EQ(clock.due, on("17:00"));
  EXPECT_THAT(clock.breaches, IsEmpty());
  EXPECT_EQ(clock.open, 1h);
  happenings.pop_back();
  EXPECT_EQ(one(Metric::first_reply, "+1 12:00").breaches.at(0).at, on("+1 09:00"));
}

TEST_F(Clocks, AMachineAnswersNobody) {
  promise(Metric::first_reply, "1h");
  created("09:00");
  says("09:01", agent);
  happenings.back().automatic = true;
  says("09:02", Happening::Who::other);
  says("09:03", agent, false);
  EXPECT_EQ(one(Metric::first_reply, "09:30").state, State::running);
}

TEST_F(Clocks, AnAbsentCustomersMachineEndsNoPause) {
  created("09:00");
  says("09:30", agent);
  status("10:00", Status::pending);
  says("10:01", customer);
  happenings.back().automatic = true;
  EXPECT_EQ(one(Metric::resolution, "11:00").state, State::paused);
  EXPECT_THAT(of(Metric::next_reply, "11:00"), IsEmpty());
}

TEST_F(Clocks, ATicketOfAnAgentHasAFirstReplyBySwitchOnly) {
  promise(Metric::first_reply, "1h");
  created("09:00", agent);
  EXPECT_THAT(of(Metric::first_reply, "09:30"), IsEmpty());
  policy().agent_created = true;
  EXPECT_THAT(of(Metric::first_reply, "09:30"), SizeIs(1));
}

TEST_F(Clocks, TheNextReplyCountsFromTheOldestWordWithoutOne) {
  promise(Metric::next_reply, "1h");
  created("08:00");
  says("08:30", customer);
  EXPECT_THAT(of(Metric::next_reply, "08:45"), IsEmpty()) << "that is the first reply's";
  says("09:00", agent);
  says("10:00", customer);
  says("10:30", customer);
  EXPECT_EQ(one(Metric::next_reply, "10:45").due, on("11:00"));
  says("10:50", agent);
  says("12:00", customer);
  const auto all = of(Metric::next_reply, "12:10");
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].state, State::fulfilled);
  EXPECT_EQ(all[1].due, on("13:00"));
}

TEST_F(Clocks, ReopeningGoesOnOrBeginsAnew) {
  promise(Metric::resolution, "4h");
  created("09:00");
  status("10:00", Status::solved);
  status("15:00", Status::open);
  const Clock clock = one(Metric::resolution, "16:00");
  EXPECT_EQ(clock.due, on("18:00")) << "an hour was used, and the time while it was solved never counts";
  EXPECT_EQ(clock.open, 2h);
  EXPECT_EQ(clock.instance, 1);
  policy().reopen = Policy::Reopen::restart;
  const auto all = of(Metric::resolution, "16:00");
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_EQ(all[0].state, State::fulfilled);
  EXPECT_EQ(all[1].due, on("19:00"));
}

TEST_F(Clocks, AnotherPriorityKeepsWhatIsUsedAndMayMissAtOnce) {
  promise(Metric::resolution, "8h", "normal");
  promise(Metric::resolution, "1h", "urgent");
  created("09:00");
  becomes("11:00", [](Facts& it) { it.priority = Priority::urgent; });
  Clock clock = one(Metric::resolution, "11:30");
  ASSERT_THAT(clock.breaches, SizeIs(1));
  EXPECT_EQ(clock.breaches[0].at, on("11:00"));
  EXPECT_EQ(clock.breaches[0].target.length, 1h);
  becomes("12:00", [](Facts& it) { it.priority = Priority::normal; });
  clock = one(Metric::resolution, "12:30");
  EXPECT_EQ(clock.due, on("17:00"));
  EXPECT_THAT(clock.breaches, SizeIs(1)) << "what was missed stays missed";
}

TEST_F(Clocks, WhatIsMissedAtOnceIsMissedInAPauseToo) {
  promise(Metric::resolution, "8h", "normal");
  promise(Metric::resolution, "1h", "urgent");
  created("09:00");
  status("10:30", Status::pending);
  becomes("11:00", [](Facts& it) { it.priority = Priority::urgent; });
  const Clock standing = one(Metric::resolution, "11:30");
  ASSERT_THAT(standing.breaches, SizeIs(1));
  EXPECT_EQ(standing.breaches[0].at, on("11:00"));
  EXPECT_EQ(standing.due, std::nullopt) << "it stands";
  EXPECT_THAT(standing.thresholds, testing::Not(testing::IsEmpty()));
  status("12:00", Status::solved);
  const Clock clock = one(Metric::resolution, "13:00");
  EXPECT_THAT(clock.breaches, SizeIs(1)) << "1h30m were used";
  EXPECT_EQ(clock.open, 90min);
}

TEST_F(Clocks, ACancelledTicketPromisesNothingUntilItIsOpenedAgain) {
  promise(Metric::resolution, "4h");
  created("09:00");
  status("10:00", Status::cancelled);
  const Clock cancelled = one(Metric::resolution, "16:00");
  EXPECT_EQ(cancelled.state, State::cancelled);
  EXPECT_EQ(cancelled.due, std::nullopt);
  EXPECT_EQ(cancelled.changes.back().why, "cancelled");
  status("16:00", Status::open);
  EXPECT_EQ(one(Metric::resolution, "16:30").due, on("19:00"));
}

TEST_F(Clocks, APauseDoesNotMissTwice) {
  promise(Metric::resolution, "1h");
  created("09:00");
  status("11:00", Status::pending);
  status("12:00", Status::open);
  const Clock clock = one(Metric::resolution, "13:00");
  EXPECT_THAT(clock.breaches, SizeIs(1));
  EXPECT_EQ(clock.due, on("10:00"));
  EXPECT_EQ(clock.paused, 1h);
}

TEST_F(Clocks, ThePauseEndsWithTheCustomersAnswerUnlessTheStatusDecides) {
  promise(Metric::resolution, "3h");
  created("09:00");
  status("10:00", Status::pending);
  says("11:00", customer);
  EXPECT_EQ(one(Metric::resolution, "11:00").due, on("13:00"));
  says("11:30", agent);
  EXPECT_EQ(one(Metric::resolution, "11:45").state, State::paused) << "the customer is asked again";
  policy().pause_ends = Policy::PauseEnds::status;
  EXPECT_EQ(one(Metric::resolution, "11:15").state, State::paused);
}

TEST_F(Clocks, HoldStopsTheAgentsWorkAndNothingElse) {
  promise(Metric::agent_work, "2h");
  promise(Metric::resolution, "4h");
  created("09:00");
  status("10:00", Status::hold);
  EXPECT_EQ(one(Metric::agent_work, "11:00").state, State::paused);
  EXPECT_EQ(one(Metric::resolution, "11:00").due, on("13:00"));
}

TEST_F(Clocks, OfTwoPromisesTheEarlierIsDueAndBothAreTold) {
  policy().calendar = "office";
  promise(Metric::first_reply, "24h");
  promise(Metric::first_reply, "2 business days");
  created("16:00");
  const Clock clock = one(Metric::first_reply, "16:30");
  ASSERT_THAT(clock.promises, SizeIs(2));
  EXPECT_EQ(clock.promises[0].due, on("+3 16:00"));
  EXPECT_EQ(clock.promises[1].due, on("+2 17:00"));
  EXPECT_EQ(clock.due, on("+2 17:00"));
}

// Before the desk opens on Monday three days of open time and two business days are the same.
TEST_F(Clocks, PromisesOfOneLengthAreMissedOnce) {
  policy().calendar = "office";
  promise(Metric::first_reply, "24h");
  promise(Metric::first_reply, "2 business days");
  created("08:00");
  for (const char* now : {"08:30", "+4 12:00"}) {
    std::vector<int> percents;
    for (const Threshold& it : one(Metric::first_reply, now).thresholds) percents.push_back(it.percent);
    EXPECT_THAT(percents, ElementsAre(80, 100, 120)) << now;
  }
  EXPECT_THAT(one(Metric::first_reply, "+4 12:00").breaches, SizeIs(1));
}

// Four hours by the wall are another target than four hours of the desk.
TEST_F(Clocks, TimeByTheWallIsAnotherTargetThanAsMuchOpenTime) {
  policy().calendar = "office";
  promise(Metric::first_reply, "4h elapsed", "normal");
  promise(Metric::first_reply, "4h", "high");
  created("16:00");
  becomes("+1 09:30", [](Facts& it) { it.priority = Priority::high; });
  const Clock clock = one(Metric::first_reply, "+1 15:00");
  ASSERT_THAT(clock.breaches, SizeIs(2));
  EXPECT_EQ(clock.breaches[0].at, on("20:00"));
  EXPECT_EQ(clock.breaches[1].at, on("+1 12:00"));
  EXPECT_THAT(clock.thresholds, SizeIs(6));
}

TEST_F(Clocks, TheFirstMissedOfSeveralTargetsComesFirst) {
  policy().calendar = "office";
  promise(Metric::first_reply, "48h");
  promise(Metric::first_reply, "2 business days");
  created("14:00");
  const Clock clock = one(Metric::first_reply, "+11 12:00");
  ASSERT_THAT(clock.breaches, SizeIs(2));
  EXPECT_LT(clock.breaches[0].at, clock.breaches[1].at);
  EXPECT_TRUE(std::ranges::is_sorted(clock.thresholds, {}, &Threshold::at));
}

TEST_F(Clocks, APauseAfterItWasUsedUpLeavesTheDueTime) {
  policy().calendar = "office";
  promise(Metric::resolution, "8h");
  created("09:00");
  status("+1 10:00", Status::pending);
  status("+1 11:00", Status::open);
  const Clock clock = one(Metric::resolution, "+1 12:00");
  EXPECT_EQ(clock.due, on("17:00")) << "the first instant at which it was used up";
  EXPECT_EQ(clock.breaches.at(0).at, on("+1 09:00")) << "the last";
}

TEST_F(Clocks, WhatHappensAtNightMovesNoWarning) {
  policy().calendar = "office";
  policy().warn_before = 2h;
  promise(Metric::first_reply, "10h");
  created("09:00");
  EXPECT_EQ(one(Metric::first_reply, "+1 08:00").warn_at, on("+1 09:00"));
  says("21:45", customer);
  EXPECT_EQ(one(Metric::first_reply, "+1 08:00").warn_at, on("+1 09:00"));
}

TEST_F(Clocks, WhoOpensATicketForACustomerOwesTheFirstReplyBeforeTheNext) {
  policy().agent_created = true;
  created("09:00", agent);
  says("09:30", customer);
  EXPECT_THAT(of(Metric::next_reply, "10:00"), IsEmpty());
  status("10:00", Status::solved);
  status("11:00", Status::open);
  EXPECT_EQ(one(Metric::first_reply, "11:30").state, State::running);
}

TEST_F(Clocks, ElapsedTargetsRunThroughTheNight) {
  policy().calendar = "office";
  promise(Metric::resolution, "12h elapsed");
  created("16:00");
  EXPECT_EQ(one(Metric::resolution, "16:30").due, on("+1 04:00"));
}

TEST_F(Clocks, WhatNoPolicyPromisesIsNeverDue) {
  policy().match.tier = {"enterprise"};
  promise(Metric::resolution, "1h");
  created("09:00");
  EXPECT_EQ(one(Metric::resolution, "12:00").due, std::nullopt);
  becomes("12:00", [](Facts& it) { it.tier = "enterprise"; });
  const Clock clock = one(Metric::resolution, "12:30");
  EXPECT_EQ(clock.open, 3h + 30min) << "what passed before anybody promised anything is used up";
  ASSERT_THAT(clock.breaches, SizeIs(1));
  EXPECT_EQ(clock.breaches[0].at, on("12:00"));
}

// A queue whose policy holds once the ticket has been given to it.
TEST_F(Clocks, TimeWithoutAPolicyCountsInTheCalendarOfTheNext) {
  policy().match.group = {"network"};
  policy().calendar = "office";
  promise(Metric::resolution, "8h");
  created("15:00");
  status("16:00", Status::pending);
  status("+1 10:00", Status::open);
  becomes("+1 12:00", [](Facts& it) { it.group = "network"; });
  const Clock clock = one(Metric::resolution, "+1 12:00");
  EXPECT_EQ(clock.open, 3h);
  EXPECT_EQ(clock.paused, 2h);
  EXPECT_EQ(clock.due, on("+1 17:00"));
  std::vector<std::string> told;
  for (const Segment& it : clock.segments) told.push_back(it.calendar + " " + time::to_text(it.counted) + it.policy);
  EXPECT_THAT(told, ElementsAre("office 1h", "office 0s", "office 2h"));
}

// Time that has passed keeps the rules it passed under.
TEST_F(Clocks, NewRulesHoldFromTheirTimeOn) {
  promise(Metric::resolution, "8h");
  rules.push_back(rules[0]);
  rules[1].from = on("11:00");
  rules[1].version = 2;
  rules[1].policies[0].targets[Metric::resolution]["any"] = {parse_target("1h").value()};
  created("09:00");
  EXPECT_THAT(one(Metric::resolution, "10:59").breaches, IsEmpty());
  const Clock clock = one(Metric::resolution, "12:00");
  ASSERT_THAT(clock.breaches, SizeIs(1));
  EXPECT_EQ(clock.breaches[0].at, on("11:00"));
  EXPECT_EQ(clock.changes.back().why, "version 2 of the rules");
  ASSERT_THAT(clock.segments, SizeIs(2));
  EXPECT_EQ(clock.segments[0].version, 1);
  EXPECT_EQ(clock.segments[1].version, 2);
}

TEST_F(Clocks, ANewCalendarCountsFromItsTimeOn) {
  policy().calendar = "office";
  promise(Metric::resolution, "10h");
  rules.push_back(rules[0]);
  rules[1].from = on("+1 00:00");
  rules[1].calendars["office"] = hours("08:00-10:00");
  created("09:00");
  const Clock clock = one(Metric::resolution, "+3 00:00");
  EXPECT_EQ(clock.open, 8h + 2h + 2h);
  EXPECT_EQ(clock.breaches.at(0).at, on("+2 08:00")) << "used up as the desk closes on Tuesday";
}

TEST_F(Clocks, ADeletedTicketsClocksStopAndComeBack) {
  promise(Metric::resolution, "4h");
  created("09:00");
  add("10:00", Happening::Kind::deleted);
  EXPECT_EQ(one(Metric::resolution, "20:00").state, State::cancelled);
  EXPECT_THAT(one(Metric::resolution, "20:00").breaches, IsEmpty());
  add("+1 09:00", Happening::Kind::restored);
  EXPECT_EQ(one(Metric::resolution, "+1 10:00").due, on("+1 12:00"));
}

TEST_F(Clocks, WhatEndsAsItIsMergedWasCancelledByThat) {
  promise(Metric::resolution, "4h");
  promise(Metric::first_reply, "4h");
  created("09:00");
  status("10:00", Status::closed);  // as desks do it, and may tell it first
  add("10:00", Happening::Kind::merged);
  for (const Metric metric : {Metric::resolution, Metric::first_reply}) {
    EXPECT_EQ(one(metric, "20:00").state, State::cancelled);
    EXPECT_EQ(one(metric, "20:00").reason, "merged");
  }
  happenings.back().at = on("10:01");
  EXPECT_EQ(one(Metric::resolution, "20:00").state, State::fulfilled) << "it had been closed by somebody";
}

TEST_F(Clocks, NothingBeginsOnATicketThatIsGone) {
  created("09:00");
  for (const auto kind : {Happening::Kind::merged, Happening::Kind::deleted}) {
    happenings.resize(1);
    facts = {};
    add("10:00", kind);
    says("10:10", customer);
    says("10:20", agent);
    says("10:30", customer);
    becomes("10:40", [](Facts& it) { it.group = "network"; });
    status("10:50", Status::closed);
    status("11:00", Status::open);
    for (const Clock& clock : clocks_of(happenings, rules, on("12:00"))) {
      EXPECT_EQ(clock.state, State::cancelled) << to_text(clock.metric);
      EXPECT_EQ(clock.ended, on("10:00")) << to_text(clock.metric);
    }
  }
}

TEST_F(Clocks, WhatComesBackIsAsTheTicketIsThen) {
  promise(Metric::resolution, "4h");
  const auto state = [&] { return one(Metric::resolution, "20:00").state; };
  created("09:00");
  add("10:00", Happening::Kind::deleted);
  status("11:00", Status::solved);
  add("12:00", Happening::Kind::restored);
  EXPECT_EQ(state(), State::cancelled) << "it is solved";
  status("13:00", Status::open);
  EXPECT_EQ(state(), State::running);
  EXPECT_EQ(one(Metric::resolution, "13:00").due, on("16:00"));

  happenings.clear();
  facts = {};
  created("09:00");
  status("10:00", Status::solved);
  add("11:00", Happening::Kind::deleted);
  status("12:00", Status::open);
  EXPECT_EQ(state(), State::fulfilled);
  add("13:00", Happening::Kind::restored);
  EXPECT_EQ(one(Metric::resolution, "13:00").due, on("16:00"));

  happenings.clear();
  facts = {};
  facts.group = "network";
  created("09:00");
  says("09:10", agent);
  add("10:00", Happening::Kind::deleted);
  says("10:10", customer);
  becomes("10:20", [](Facts& it) { it.group = "storage"; });
  add("11:00", Happening::Kind::restored);
  EXPECT_EQ(one(Metric::next_reply, "11:30").started, on("11:00"));
  const auto owners = of(Metric::ownership, "11:30");
  ASSERT_THAT(owners, SizeIs(2));
  EXPECT_EQ(owners[0].state, State::cancelled);
  EXPECT_EQ(owners[1].group, "storage");
}

TEST_F(Clocks, ARestoredTicketGoesOnWithWhatRanWhenItWasDeleted) {
  promise(Metric::periodic_update, "2h");
  created("09:00");
  says("10:00", agent);
  add("10:00", Happening::Kind::deleted);
  add("11:00", Happening::Kind::restored);
  EXPECT_EQ(one(Metric::first_reply, "12:00").state, State::fulfilled) << "it was given in that instant";
  EXPECT_EQ(of(Metric::periodic_update, "12:00").at(0).state, State::fulfilled);
  EXPECT_EQ(of(Metric::periodic_update, "12:00").at(1).state, State::running);

  happenings.clear();
  facts.group = "x";
  created("09:00");
  const auto moved_while_gone = [&](const std::string& hour, const char* group) {
    add(hour + ":00", Happening::Kind::deleted);
    becomes(hour + ":10", [&](Facts& it) { it.group = group; });
    add(hour + ":20", Happening::Kind::restored);
  };
  moved_while_gone("10", "y");
  moved_while_gone("11", "x");
  add("12:00", Happening::Kind::deleted);
  add("12:10", Happening::Kind::restored);
  int running = 0;
  for (const Clock& it : of(Metric::ownership, "13:00")) running += it.state == State::running;
  EXPECT_EQ(running, 1);
}

TEST_F(Clocks, ThresholdsLieInTheClocksOwnTime) {
  policy().calendar = "office";
  policy().thresholds = {50, 100, 150};
  promise(Metric::resolution, "4h");
  created("15:00");
  const auto instants = [&](const std::string& now) {
    std::vector<std::string> out;
    for (const Threshold& it : one(Metric::resolution, now).thresholds) {
      out.push_back(std::to_string(it.percent) + " " + time::to_text(it.at));
    }
    return out;
  };
  const auto all = ElementsAre("50 2026-03-17T09:00:00Z", "100 2026-03-17T11:00:00Z", "150 2026-03-17T13:00:00Z");
  for (const char* now :
       {"15:00", "16:00", "17:00", "20:00", "+1 09:00", "+1 10:00", "+1 11:00", "+1 12:00", "+1 13:00", "+1 14:00"}) {
    EXPECT_THAT(instants(now), all) << now;
  }
}

TEST_F(Clocks, EverySegmentSaysWhyItCounted) {
  promise(Metric::resolution, "4h");
  created("09:00");
  status("10:00", Status::pending);
  status("11:00", Status::open);
  std::vector<std::string> told;
  for (const Segment& it : one(Metric::resolution, "12:00").segments) {
    told.push_back(it.why + (it.counts ? " " : " not ") + time::to_text(it.counted) + " " + it.policy);
  }
  EXPECT_THAT(told, ElementsAre("new 1h standard", "paused: pending not 0s standard", "open 1h standard"));
}

TEST_F(Clocks, ASegmentNamesTheWordThatItBeginsWith) {
  promise(Metric::resolution, "4h");
  created("09:00");
  status("10:00", Status::pending);
  says("11:00", customer);
  says("11:30", customer);
  says("12:00", agent);
  std::vector<std::string> told;
  for (const Segment& it : one(Metric::resolution, "13:00").segments) told.push_back(it.why);
  EXPECT_THAT(
      told, ElementsAre("new", "paused: pending", "pending: the customer wrote", "paused: pending: an agent replied"));
}

// However often one looks in between.
TEST_F(Clocks, LookingChangesNothing) {
  policy().calendar = "office";
  promise(Metric::resolution, "10h");
  promise(Metric::first_reply, "30m");
  created("16:45");
  says("+1 09:30", agent);
  status("+1 10:00", Status::pending);
  says("+1 12:00", customer);
  status("+2 10:00", Status::solved);
  const auto whole = clocks_of(happenings, rules, on("+5 00:00"));
  std::vector<Rules> sliced;
  for (Instant at = on("16:00"); at < on("+5 00:00"); at += 7min) {
    sliced.push_back(rules[0]);
    sliced.back().from = at;
  }
  const auto stepped = clocks_of(happenings, sliced, on("+5 00:00"));
  ASSERT_EQ(whole.size(), stepped.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_EQ(whole[i].open, stepped[i].open);
    EXPECT_EQ(whole[i].due, stepped[i].due);
    EXPECT_EQ(whole[i].ended, stepped[i].ended);
    ASSERT_EQ(whole[i].breaches.size(), stepped[i].breaches.size());
    for (std::size_t b = 0; b < whole[i].breaches.size(); ++b) {
      EXPECT_EQ(whole[i].breaches[b].at, stepped[i].breaches[b].at);
    }
  }
}

}  // namespace
}  // namespace supportd::sla
