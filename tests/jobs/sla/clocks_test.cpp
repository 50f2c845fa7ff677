// What moves clocks: words, states, what a ticket comes to.
#include "tests/jobs/sla/happened.hpp"

namespace supportd::sla {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Clocks : public Happened {};

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

TEST_F(Clocks, WhoOpensATicketForACustomerOwesTheFirstReplyBeforeTheNext) {
  policy().agent_created = true;
  created("09:00", agent);
  says("09:30", customer);
  EXPECT_THAT(of(Metric::next_reply, "10:00"), IsEmpty());
  status("10:00", Status::solved);
  status("11:00", Status::open);
  EXPECT_EQ(one(Metric::first_reply, "11:30").state, State::running);
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
