// What clocks promise: targets, when they are due and missed, their parts.
#include "tests/jobs/sla/happened.hpp"

namespace supportd::sla {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class Promises : public Happened {};

TEST_F(Promises, WhatIsReachedExactlyIsMet) {
  promise(Metric::first_reply, "1h");
  created("09:00");
  says("10:00", agent);
  EXPECT_THAT(one(Metric::first_reply, "12:00").breaches, IsEmpty());
  happenings.back().at += 1ms;
  EXPECT_THAT(one(Metric::first_reply, "12:00").breaches, SizeIs(1));
}

TEST_F(Promises, WhoAnswersWhileTheDeskIsClosedIsNotLate) {
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

TEST_F(Promises, AnotherPriorityKeepsWhatIsUsedAndMayMissAtOnce) {
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

TEST_F(Promises, WhatIsMissedAtOnceIsMissedInAPauseToo) {
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

TEST_F(Promises, APauseDoesNotMissTwice) {
  promise(Metric::resolution, "1h");
  created("09:00");
  status("11:00", Status::pending);
  status("12:00", Status::open);
  const Clock clock = one(Metric::resolution, "13:00");
  EXPECT_THAT(clock.breaches, SizeIs(1));
  EXPECT_EQ(clock.due, on("10:00"));
  EXPECT_EQ(clock.paused, 1h);
}

TEST_F(Promises, OfTwoPromisesTheEarlierIsDueAndBothAreTold) {
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
TEST_F(Promises, PromisesOfOneLengthAreMissedOnce) {
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
TEST_F(Promises, TimeByTheWallIsAnotherTargetThanAsMuchOpenTime) {
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

TEST_F(Promises, TheFirstMissedOfSeveralTargetsComesFirst) {
  policy().calendar = "office";
  promise(Metric::first_reply, "48h");
  promise(Metric::first_reply, "2 business days");
  created("14:00");
  const Clock clock = one(Metric::first_reply, "+11 12:00");
  ASSERT_THAT(clock.breaches, SizeIs(2));
  EXPECT_LT(clock.breaches[0].at, clock.breaches[1].at);
  EXPECT_TRUE(std::ranges::is_sorted(clock.thresholds, {}, &Threshold::at));
}

TEST_F(Promises, APauseAfterItWasUsedUpLeavesTheDueTime) {
  policy().calendar = "office";
  promise(Metric::resolution, "8h");
  created("09:00");
  status("+1 10:00", Status::pending);
  status("+1 11:00", Status::open);
  const Clock clock = one(Metric::resolution, "+1 12:00");
  EXPECT_EQ(clock.due, on("17:00")) << "the first instant at which it was used up";
  EXPECT_EQ(clock.breaches.at(0).at, on("+1 09:00")) << "the last";
}

TEST_F(Promises, WhatIsUsedUpAsAPauseBeginsWasDueThenAndIsMissedOnceTheClockGoesOn) {
  promise(Metric::resolution, "1h");
  created("09:00");
  status("10:00", Status::pending);
  EXPECT_THAT(one(Metric::resolution, "11:00").breaches, IsEmpty());
  EXPECT_EQ(one(Metric::resolution, "11:00").due, std::nullopt) << "it stands";
  status("12:00", Status::open);
  const Clock clock = one(Metric::resolution, "12:30");
  EXPECT_EQ(clock.due, on("10:00"));
  EXPECT_EQ(clock.changes.back().due, on("10:00"));
  ASSERT_THAT(clock.breaches, SizeIs(1));
  EXPECT_EQ(clock.breaches[0].at, on("12:00"));
  status("12:00", Status::solved);
  EXPECT_THAT(one(Metric::resolution, "13:00").breaches, IsEmpty()) << "in the instant in which it went on";
}

TEST_F(Promises, WhatIsUsedUpAsTheDeskClosesStaysDueThenWhateverHappensAtNight) {
  policy().calendar = "office";
  promise(Metric::resolution, "8h");
  created("09:00");
  status("20:00", Status::pending);
  status("+1 10:00", Status::open);
  EXPECT_EQ(one(Metric::resolution, "+1 11:00").due, on("17:00"));
  EXPECT_EQ(one(Metric::resolution, "+1 11:00").breaches.at(0).at, on("+1 10:00"));
  happenings.resize(1);
  rules.push_back(rules[0]);
  rules[1].from = on("20:00");
  EXPECT_EQ(one(Metric::resolution, "21:00").due, on("17:00"));
}

TEST_F(Promises, WhatHappensAtNightMovesNoWarning) {
  policy().calendar = "office";
  policy().warn_before = 2h;
  promise(Metric::first_reply, "10h");
  created("09:00");
  EXPECT_EQ(one(Metric::first_reply, "+1 08:00").warn_at, on("+1 09:00"));
  says("21:45", customer);
  EXPECT_EQ(one(Metric::first_reply, "+1 08:00").warn_at, on("+1 09:00"));
}

// Business time is known to the end of 2037.
TEST_F(Promises, WhatEndsAfterAllKnownTimeIsNeverDueAndSaysSo) {
  rules[0].calendars["mondays"] = hours("09:00-17:00", "mon");
  policy().calendar = "mondays";
  for (const char* target : {"1000 business days", "36000d"}) {
    policy().targets.clear();
    happenings.clear();
    promise(Metric::resolution, target);
    created("09:00");
    const Clock clock = one(Metric::resolution, "+1 09:00");
    EXPECT_THAT(clock.promises, SizeIs(1)) << target;
    EXPECT_EQ(clock.due, std::nullopt) << target;
    EXPECT_TRUE(clock.is_beyond()) << target;
    EXPECT_THAT(clock.thresholds, IsEmpty()) << target;
  }
  promise(Metric::resolution, "2 business days");
  const Clock clock = one(Metric::resolution, "+1 09:00");
  EXPECT_EQ(clock.due, on("+14 17:00"));
  EXPECT_FALSE(clock.is_beyond());
}

TEST_F(Promises, ElapsedTargetsRunThroughTheNight) {
  policy().calendar = "office";
  promise(Metric::resolution, "12h elapsed");
  created("16:00");
  EXPECT_EQ(one(Metric::resolution, "16:30").due, on("+1 04:00"));
}

TEST_F(Promises, WhatNoPolicyPromisesIsNeverDue) {
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

TEST_F(Promises, ThresholdsLieInTheClocksOwnTime) {
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

}  // namespace
}  // namespace supportd::sla
