// The questions of cron-semantics.json, each with the answer chosen here.
#include "daemon/run/schedule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace supportd::run {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Instant instant(std::string_view text) { return time::parse_instant(text).value(); }

Schedule schedule(std::string_view text, std::string_view zone = "UTC") {
  return Schedule::parse(text, time::Zone::find(zone).value()).value();
}

std::vector<std::string> next(const Schedule& s, std::string_view from, int count) {
  std::vector<std::string> found;
  for (auto slot = s.next(instant(from)); slot && count-- > 0; slot = s.next(slot->at)) {
    found.push_back(time::to_text(slot->at));
  }
  return found;
}

constexpr std::string_view new_york = "America/New_York";

TEST(ScheduleGap, AFixedTimeRunsOnceRightAfter) {
  const Schedule s = schedule("30 2 * * *", new_york);
  EXPECT_THAT(next(s, "2025-03-08T12:00:00Z", 2), ElementsAre("2025-03-09T07:00:00Z", "2025-03-10T06:30:00Z"));
  const Slot slot = s.next(instant("2025-03-08T12:00:00Z")).value();
  ASSERT_TRUE(slot.skipped.has_value());
  EXPECT_EQ(date::format("%F %R", *slot.skipped), "2025-03-09 02:30");
  EXPECT_EQ(slot.missed, 1);
  EXPECT_FALSE(s.next(slot.at)->skipped.has_value());
}

TEST(ScheduleGap, SeveralTimesOfOneGapBecomeOneRun) {
  const Slot slot = schedule("0,30 2 * * *", new_york).next(instant("2025-03-08T12:00:00Z")).value();
  EXPECT_EQ(slot.at, instant("2025-03-09T07:00:00Z"));
  EXPECT_EQ(slot.missed, 2);
  EXPECT_THAT(next(schedule("0,30 2-3 * * *", new_york), "2025-03-09T06:00:00Z", 2),
              ElementsAre("2025-03-09T07:00:00Z", "2025-03-09T07:30:00Z"));
}

TEST(ScheduleGap, TheMakeUpRunIsStrictlyAfterTheInstantAsked) {
  const Schedule s = schedule("30 2 * * *", new_york);
  EXPECT_THAT(next(s, "2025-03-09T06:59:59.999Z", 1), ElementsAre("2025-03-09T07:00:00Z"));
  EXPECT_THAT(next(s, "2025-03-09T07:00:00Z", 1), ElementsAre("2025-03-10T06:30:00Z"));
}

TEST(ScheduleGap, AHalfHourGapIsAGapToo) {
  EXPECT_THAT(next(schedule("15 2 * * *", "Australia/Lord_Howe"), "2025-10-04T10:00:00Z", 2),
              ElementsAre("2025-10-04T15:30:00Z", "2025-10-05T15:15:00Z"));
}

TEST(ScheduleGap, AWildcardIsSkipped) {
  EXPECT_THAT(next(schedule("*/15 2 * * *", new_york), "2025-03-09T05:00:00Z", 1), ElementsAre("2025-03-10T06:00:00Z"));
  EXPECT_THAT(next(schedule("0 * * * *", new_york), "2025-03-09T05:30:00Z", 2),
              ElementsAre("2025-03-09T06:00:00Z", "2025-03-09T07:00:00Z"));
}

TEST(ScheduleGap, ATimeWithSecondsIsSkipped) {
  EXPECT_THAT(next(schedule("0 30 2 * * *", new_york), "2025-03-08T12:00:00Z", 1), ElementsAre("2025-03-10T06:30:00Z"));
  EXPECT_THAT(next(schedule("0 30 1 * * *", new_york), "2025-11-02T04:00:00Z", 2),
              ElementsAre("2025-11-02T05:30:00Z", "2025-11-03T06:30:00Z"));
}

TEST(ScheduleGap, ADayThatDidNotExistIsSkipped) {
  EXPECT_THAT(next(schedule("30 12 30 12 *", "Pacific/Apia"), "2011-12-29T12:00:00Z", 1),
              ElementsAre("2012-12-29T22:30:00Z"));
  EXPECT_THAT(next(schedule("0 0 * * 0", "Pacific/Apia"), "2011-12-29T12:00:00Z", 1),
              ElementsAre("2011-12-31T10:00:00Z"));
}

TEST(ScheduleOverlap, AFixedTimeRunsTheFirstTime) {
  EXPECT_THAT(next(schedule("30 1 * * *", new_york), "2025-11-02T04:00:00Z", 2),
              ElementsAre("2025-11-02T05:30:00Z", "2025-11-03T06:30:00Z"));
  EXPECT_THAT(
      next(schedule("0,30 1-2 * * *", new_york), "2025-11-02T04:00:00Z", 4),
      ElementsAre("2025-11-02T05:00:00Z", "2025-11-02T05:30:00Z", "2025-11-02T07:00:00Z", "2025-11-02T07:30:00Z"));
}

TEST(ScheduleOverlap, AskedInTheSecondPassAFixedTimeWaitsForTheNextDay) {
  EXPECT_THAT(next(schedule("30 1 * * *", new_york), "2025-11-02T06:10:00Z", 1), ElementsAre("2025-11-03T06:30:00Z"));
}

TEST(ScheduleOverlap, AWildcardRunsInBothPasses) {
  EXPECT_THAT(
      next(schedule("*/30 * * * *", new_york), "2025-11-02T05:00:00Z", 4),
      ElementsAre("2025-11-02T05:30:00Z", "2025-11-02T06:00:00Z", "2025-11-02T06:30:00Z", "2025-11-02T07:00:00Z"));
}

TEST(ScheduleDays, BothRestrictedMeansEither) {
  EXPECT_THAT(
      next(schedule("0 0 13 * 5"), "2026-03-01T00:00:00Z", 4),
      ElementsAre("2026-03-06T00:00:00Z", "2026-03-13T00:00:00Z", "2026-03-20T00:00:00Z", "2026-03-27T00:00:00Z"));
  EXPECT_THAT(next(schedule("0 0 */2 * 1"), "2026-03-01T00:00:00Z", 3),
              ElementsAre("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z", "2026-03-05T00:00:00Z"));
}

TEST(ScheduleDays, APlusMeansBoth) {
  EXPECT_THAT(next(schedule("0 0 13 * +FRI"), "2026-01-01T00:00:00Z", 3),
              ElementsAre("2026-02-13T00:00:00Z", "2026-03-13T00:00:00Z", "2026-11-13T00:00:00Z"));
  EXPECT_THAT(next(schedule("0 0 29 2 +MON"), "2026-01-01T00:00:00Z", 1), ElementsAre("2044-02-29T00:00:00Z"));
  EXPECT_THAT(next(schedule("0 0 29 2 +SUN"), "2093-01-01T00:00:00Z", 1), ElementsAre("2128-02-29T00:00:00Z"));
}

TEST(ScheduleDays, LastNearestAndNth) {
  EXPECT_THAT(next(schedule("0 0 L-1 * *"), "2026-02-01T00:00:00Z", 2),
              ElementsAre("2026-02-27T00:00:00Z", "2026-03-30T00:00:00Z"));
  EXPECT_THAT(next(schedule("0 0 LW * *"), "2026-01-01T00:00:00Z", 2),
              ElementsAre("2026-01-30T00:00:00Z", "2026-02-27T00:00:00Z"));
  EXPECT_THAT(next(schedule("0 0 1W 8 *"), "2026-01-01T00:00:00Z", 1), ElementsAre("2026-08-03T00:00:00Z"));
  EXPECT_THAT(next(schedule("0 0 15W 3 *"), "2026-01-01T00:00:00Z", 1), ElementsAre("2026-03-16T00:00:00Z"));
  EXPECT_THAT(next(schedule("0 0 * * tue#5"), "2026-01-01T00:00:00Z", 2),
              ElementsAre("2026-03-31T00:00:00Z", "2026-06-30T00:00:00Z"));
  EXPECT_THAT(next(schedule("0 0 * * 7l"), "2026-01-01T00:00:00Z", 1), ElementsAre("2026-01-25T00:00:00Z"));
}

TEST(ScheduleRanges, GoRoundTheEnd) {
  EXPECT_THAT(
      next(schedule("0 22-2 * * *"), "2026-01-01T00:00:00Z", 4),
      ElementsAre("2026-01-01T01:00:00Z", "2026-01-01T02:00:00Z", "2026-01-01T22:00:00Z", "2026-01-01T23:00:00Z"));
  EXPECT_EQ(next(schedule("0 0 * * FRI-MON"), "2026-01-01T00:00:00Z", 9),
            next(schedule("0 0 * * 5,6,0,1"), "2026-01-01T00:00:00Z", 9));
  EXPECT_EQ(next(schedule("0 0 1 NOV-FEB *"), "2026-01-01T00:00:00Z", 9),
            next(schedule("0 0 1 1,2,11,12 *"), "2026-01-01T00:00:00Z", 9));
  EXPECT_EQ(next(schedule("0 0 * * 7-2"), "2026-01-01T00:00:00Z", 9),
            next(schedule("0 0 * * SUN,MON,TUE"), "2026-01-01T00:00:00Z", 9));
}

TEST(ScheduleSteps, FromAValueRunToTheEnd) {
  EXPECT_EQ(next(schedule("5/15 * * * *"), "2026-01-01T00:00:00Z", 9),
            next(schedule("5,20,35,50 * * * *"), "2026-01-01T00:00:00Z", 9));
}

TEST(ScheduleSteps, SundayIsZeroAndSeven) {
  EXPECT_EQ(next(schedule("0 0 * * 0"), "2026-01-01T00:00:00Z", 3),
            next(schedule("0 0 * * 7"), "2026-01-01T00:00:00Z", 3));
  EXPECT_EQ(next(schedule("0 0 * * 5-7"), "2026-01-01T00:00:00Z", 9),
            next(schedule("0 0 * * FRI-SUN"), "2026-01-01T00:00:00Z", 9));
}

TEST(ScheduleEvery, CountsFromTheEpoch) {
  const Schedule s = schedule("every 90s", "Asia/Seoul");
  EXPECT_THAT(next(s, "1970-01-01T00:00:00Z", 2), ElementsAre("1970-01-01T00:01:30Z", "1970-01-01T00:03:00Z"));
  EXPECT_THAT(next(s, "1969-12-31T23:59:59Z", 1), ElementsAre("1970-01-01T00:00:00Z"));
  EXPECT_EQ(time::to_millis(s.next(instant("2026-05-05T05:05:05Z"))->at) % 90'000, 0);
  EXPECT_EQ(s.in_words(), "every 1m30s, counted from 1970-01-01T00:00:00Z");
}

TEST(ScheduleNext, EndsWithTheYear9999) {
  EXPECT_FALSE(schedule("0 0 29 2 *").next(instant("9996-03-01T00:00:00Z")).has_value());
  EXPECT_TRUE(schedule("0 0 29 2 *").next(instant("9996-02-01T00:00:00Z")).has_value());
  EXPECT_FALSE(schedule("* * * * *").next(time::never).has_value());
  EXPECT_FALSE(schedule("every 1s").next(time::never).has_value());
  EXPECT_TRUE(schedule("* * * * *").next(Instant::min()).has_value());
}

TEST(ScheduleClockChanges, NamesTheDatesAndWhatHappens) {
  const auto words = [](std::string_view text) {
    const Schedule s = schedule(text, new_york);
    std::vector<std::string> found;
    for (const auto& change : s.clock_changes(instant("2027-01-01T00:00:00Z"), instant("2028-01-01T00:00:00Z"))) {
      found.push_back(s.in_words(change));
    }
    return found;
  };
  EXPECT_THAT(words("30 2 * * *"),
              ElementsAre("2027-03-14: 02:00 to 03:00 does not exist; 1 run in it: runs once, right after, at "
                          "2027-03-14 03:00:00 EDT (2027-03-14T07:00:00Z)"));
  EXPECT_THAT(words("*/15 * * * *"), ElementsAre("2027-03-14: 02:00 to 03:00 does not exist; 4 runs in it: skipped",
                                                 "2027-11-07: 01:00 to 02:00 comes twice; 4 runs in it: both times"));
  EXPECT_THAT(words("30 1 * * *"),
              ElementsAre("2027-11-07: 01:00 to 02:00 comes twice; 1 run in it: only the first time"));
  EXPECT_THAT(words("0 9 * * *"), IsEmpty());
}

TEST(ScheduleLint, NamesTheDatesOfTheYearAhead) {
  EXPECT_THAT(schedule("0 22-2 * * *", new_york).lint(instant("2027-03-15T00:00:00Z")),
              ElementsAre(HasSubstr("22, 23, 0, 1, 2"), HasSubstr("2027-11-07: 01:00 to 02:00 comes twice"),
                          HasSubstr("2028-03-12: 02:00 to 03:00 does not exist")));
  EXPECT_THAT(schedule("every 90s", new_york).lint(instant("2027-03-15T00:00:00Z")), IsEmpty());
}

}  // namespace
}  // namespace supportd::run
