#include "daemon/run/slots.hpp"

#include <gmock/gmock.h>

#include "daemon/run/clock_watch.hpp"

namespace supportd::run {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

const Instant start = time::parse_instant("2026-01-01T00:00:00Z").value();
const Schedule every_minute = Schedule::parse("* * * * *", time::Zone::utc()).value();

std::vector<Instant> times(const SlotPlan& plan) {
  std::vector<Instant> out;
  for (const DueSlot& due : plan.runs) out.push_back(due.slot.at);
  return out;
}

TEST(PlanSlots, NothingIsDueBeforeItsJitter) {
  const SlotRules rules{.schedule = every_minute, .delay = 20s, .catch_up = {}};
  const SlotPlan early = plan_slots(rules, start, start + 1min + 20s - 1ms);
  EXPECT_THAT(early.runs, IsEmpty());
  EXPECT_EQ(early.decided_until, start);
  const SlotPlan due = plan_slots(rules, start, start + 1min + 20s);
  EXPECT_THAT(times(due), ElementsAre(start + 1min));
  EXPECT_EQ(due.runs[0].trigger, Trigger::schedule);
  EXPECT_EQ(due.decided_until, start + 1min);
}

TEST(PlanSlots, TheLatestStandsForThoseMissed) {
  const SlotRules rules{.schedule = every_minute, .delay = 0s, .catch_up = {CatchUpMode::latest, 1h, 10}};
  const SlotPlan plan = plan_slots(rules, start, start + 3h);
  EXPECT_THAT(plan.skips, ElementsAre(Stretch{start + 1min, start + 2h - 1min, 119, SkipReason::catch_up_window},
                                      Stretch{start + 2h, start + 3h - 1min, 60, SkipReason::coalesced}));
  EXPECT_THAT(times(plan), ElementsAre(start + 3h));
}

TEST(PlanSlots, AllAreRunUpToTheMaximum) {
  const Schedule hourly = Schedule::parse("0 * * * *", time::Zone::utc()).value();
  const SlotRules rules{.schedule = hourly, .delay = 0s, .catch_up = {CatchUpMode::all, 5h, 3}};
  const SlotPlan plan = plan_slots(rules, start, start + 10h + 30min);
  EXPECT_THAT(plan.skips, ElementsAre(Stretch{start + 1h, start + 5h, 5, SkipReason::catch_up_window},
                                      Stretch{start + 6h, start + 7h, 2, SkipReason::coalesced}));
  EXPECT_THAT(times(plan), ElementsAre(start + 8h, start + 9h, start + 10h));
  EXPECT_EQ(plan.runs[0].trigger, Trigger::catch_up);
}

TEST(PlanSlots, WithoutCatchUpOnlyThePunctualRun) {
  const SlotRules rules{.schedule = every_minute, .delay = 0s, .catch_up = {CatchUpMode::none, 24h, 10}};
  const SlotPlan plan = plan_slots(rules, start, start + 1h + 59s);
  EXPECT_THAT(plan.skips, ElementsAre(Stretch{start + 1min, start + 59min, 59, SkipReason::catch_up_window}));
  EXPECT_THAT(times(plan), ElementsAre(start + 1h));
}

TEST(PlanSlots, APauseCoversItsSlotsOnly) {
  const SlotRules rules{
      .schedule = every_minute, .delay = 0s, .catch_up = {CatchUpMode::latest, 1h, 10}, .paused_until = start + 3min};
  const SlotPlan plan = plan_slots(rules, start, start + 4min);
  EXPECT_THAT(plan.skips, ElementsAre(Stretch{start + 1min, start + 2min, 2, SkipReason::paused},
                                      Stretch{start + 3min, start + 3min, 1, SkipReason::coalesced}));
  EXPECT_THAT(times(plan), ElementsAre(start + 4min));
}

TEST(PlanSlots, DrainingLeavesWhatWillBeCaughtUpOn) {
  SlotRules rules{.schedule = every_minute, .delay = 0s, .catch_up = {}, .draining = true};
  EXPECT_EQ(plan_slots(rules, start, start + 1min).decided_until, start);
  rules.catch_up.mode = CatchUpMode::none;
  EXPECT_THAT(plan_slots(rules, start, start + 1min).skips,
              ElementsAre(Stretch{start + 1min, start + 1min, 1, SkipReason::shutdown}));
}

TEST(SlotBefore, LooksBackFarEnough) {
  const Schedule yearly = Schedule::parse("0 0 29 2 *", time::Zone::utc()).value();
  EXPECT_EQ(slot_before(yearly, start), time::parse_instant("2024-02-29T00:00:00Z").value());
  EXPECT_EQ(slot_before(every_minute, start), start - 1min);
}

TEST(ClockWatch, TellsStepsFromTimePassing) {
  ClockWatch watch(start, 0s);
  EXPECT_FALSE(watch.look(start + 1h, 1h));
  EXPECT_FALSE(watch.look(start + 2h + 900ms, 2h));  // slewed
  EXPECT_EQ(watch.look(start + 2h + 900ms + 10s, 2h), 10s);
  EXPECT_FALSE(watch.look(start + 2h + 900ms + 11s, 2h + 1s));
  EXPECT_EQ(watch.look(start, 2h + 1s), -(2h + 11s + 900ms));
}

TEST(ClockWatch, IsLostByAJumpOverADayUntilBackOrAccepted) {
  ClockWatch watch(start, 0s);
  EXPECT_EQ(watch.look(start + 48h, 0s), 48h);
  EXPECT_TRUE(watch.lost());
  EXPECT_FALSE(watch.look(start + 48h + 1s, 1s));
  EXPECT_TRUE(watch.lost());
  EXPECT_EQ(watch.look(start + 2s, 2s), 0s);
  EXPECT_FALSE(watch.lost());
  EXPECT_TRUE(watch.look(start + 72h, 3s));
  watch.accept(start + 72h, 3s);
  EXPECT_FALSE(watch.lost());
  EXPECT_FALSE(watch.look(start + 72h + 1s, 4s));
}

}  // namespace
}  // namespace supportd::run
