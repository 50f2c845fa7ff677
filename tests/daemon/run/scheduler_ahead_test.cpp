#include "tests/daemon/run/scheduler_room.hpp"

namespace supportd::run {
namespace {

// A slot that nothing stands in the way of is decided a second ahead; only SQLite, which one daemon has for
// itself.
class AheadTest : public SchedulerTest {
 protected:
  static constexpr Instant slot{start_of_2026 + 1h};
  Daemon& boot_and_arm(JobConfig config = {}) {
    config.schedule = "0 * * * *";
    Daemon& d = boot(config);
    clock.advance_to(slot - 200ms);
    EXPECT_THAT(d.outcomes(), ElementsAre("schedule armed"));
    EXPECT_THAT(stage.seen(), IsEmpty());
    return d;
  }
};

TEST_P(AheadTest, BeginsAtItsInstantNotEarlier) {
  Daemon& d = boot_and_arm();
  EXPECT_THAT(d.said(slot), HasSubstr("decided, begins at 2026-01-01T01:00:00Z"));
  EXPECT_EQ(d->jobs().at(0).next, slot);
  clock.advance_to(slot - 1ms);
  EXPECT_THAT(stage.seen(), IsEmpty());
  clock.advance(1ms);
  ASSERT_THAT(stage.seen(), SizeIs(1));
  EXPECT_EQ(stage.seen()[0].at, slot);
  EXPECT_EQ(d.runs()[0].started, slot);
  EXPECT_EQ(d.runs()[0].finished, slot);
  EXPECT_EQ(d->jobs().at(0).last_start, slot);
  EXPECT_EQ(d->jobs().at(0).next, slot + 1h);
}

TEST_P(AheadTest, WhatGoesOnIsRecordedAsRunningSinceThen) {
  Daemon& d = boot_and_arm({.timeout = 1min});
  stage.block();
  clock.advance_to(slot + 10ms);
  EXPECT_THAT(d.said(slot), HasSubstr("running since 2026-01-01T01:00:00Z"));
  EXPECT_EQ(d->jobs().at(0).last_start, slot);
  clock.advance_to(slot + 1min);
  EXPECT_THAT(d.outcomes(), ElementsAre("schedule timeout"));
}

TEST_P(AheadTest, APauseInBetweenHolds) {
  Daemon& d = boot_and_arm();
  d->pause("sweep", slot + 1min, "maintenance", "uid 1000");
  clock.advance(1min);
  EXPECT_THAT(stage.seen(), IsEmpty());
  EXPECT_THAT(d.runs(), IsEmpty());
  EXPECT_THAT(d.said(slot), HasSubstr("skipped: paused"));
}

TEST_P(AheadTest, APauseThatEndsInBetweenLetsItRun) {
  Daemon& d = boot_and_arm();
  d->pause("sweep", time::never, "a slip", "uid 1000");
  d->resume("sweep");
  clock.advance_to(slot);
  EXPECT_THAT(stage.slots(), ElementsAre(slot));
  EXPECT_EQ(stage.seen()[0].at, slot);
}

TEST_P(AheadTest, AReloadInBetweenChangesWhatWillRun) {
  Daemon& d = boot_and_arm();
  d->reload({.jobs = {{"sweep", {.schedule = "0 * * * *", .arguments = {{"depth", "2"}}}}}, .once = {}, .config = {}});
  clock.advance_to(slot);
  ASSERT_THAT(stage.slots(), ElementsAre(slot));
  EXPECT_EQ(stage.seen()[0].arguments.at("depth"), "2");
  clock.advance_to(slot + 1h - 200ms);
  d->reload({.jobs = {{"sweep", {.schedule = "30 * * * *"}}}, .once = {}, .config = {}});
  clock.advance(1h);
  EXPECT_THAT(stage.slots(), ElementsAre(slot, slot + 90min));
  EXPECT_THAT(d.said(slot + 1h), HasSubstr("not a fire time"));
}

TEST_P(AheadTest, AStopInBetweenLeavesItToTheNextStart) {
  Daemon& first = boot_and_arm();
  first->stop(clock.now());
  EXPECT_THAT(first.runs(), IsEmpty());
  EXPECT_THAT(first.said(slot), HasSubstr("not yet"));
  clock.advance(10min);
  Daemon& second = boot({.schedule = "0 * * * *"});
  EXPECT_THAT(second.outcomes(), ElementsAre("catch_up ok"));
  EXPECT_THAT(stage.slots(), ElementsAre(slot));
}

TEST_P(AheadTest, ACrashInBetweenDecidesAnew) {
  boot_and_arm();
  daemon.reset();
  clock.advance(10min);
  Daemon& second = boot({.schedule = "0 * * * *", .catch_up = {.mode = CatchUpMode::none}});
  EXPECT_THAT(second.runs(), IsEmpty());
  EXPECT_THAT(second.said(slot), HasSubstr("skipped: catch_up_window"));
}

TEST_P(AheadTest, ACrashAfterItsBeginningIsALoss) {
  boot_and_arm();
  stage.block();
  clock.advance_to(slot + 10ms);
  // The process is gone without a word, and so are its threads.
  fakes::Scratch elsewhere;
  daemon->ledger.backup(elsewhere / "copy.db");
  stage.release(clock);
  daemon.reset();
  options.where = elsewhere / "copy.db";
  Daemon& second = boot({.schedule = "0 * * * *"});
  EXPECT_THAT(second.outcomes(), ElementsAre("schedule lost"));
}

TEST_P(AheadTest, ARunAskedForInBetweenComesFirst) {
  Daemon& d = boot_and_arm({.timeout = 1h});
  stage.block();
  d->trigger("sweep", {});
  clock.advance(1min);
  EXPECT_THAT(d.outcomes(), ElementsAre("cli running"));
  EXPECT_THAT(d.said(slot), HasSubstr("skipped: overlap"));
}

TEST_P(AheadTest, ItCanBeCancelled) {
  Daemon& d = boot_and_arm();
  d->cancel(d.runs()[0].id, "not today");
  clock.advance_to(slot + 1h);
  EXPECT_THAT(d.outcomes(), ElementsAre("schedule cancelled", "schedule ok"));
  EXPECT_THAT(stage.slots(), ElementsAre(slot + 1h));
}

TEST_P(AheadTest, AClockSetForwardOverItCatchesUp) {
  Daemon& d = boot_and_arm();
  clock.step(5min);
  clock.settle();
  EXPECT_THAT(d.outcomes(), ElementsAre("catch_up ok"));
  EXPECT_EQ(stage.seen().at(0).slot, slot);
}

TEST_P(AheadTest, AJumpOverADayHoldsItToo) {
  Daemon& d = boot_and_arm();
  clock.step(48h);
  clock.settle();
  EXPECT_THAT(stage.seen(), IsEmpty());
  d->accept_clock();
  EXPECT_THAT(d.said(slot), HasSubstr("skipped: gap"));
}

INSTANTIATE_TEST_SUITE_P(, AheadTest, testing::Values(store::Engine::sqlite),
                         [](const auto& param) { return fakes::name_of(param.param); });

}  // namespace
}  // namespace supportd::run
