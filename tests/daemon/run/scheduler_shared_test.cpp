#include "tests/daemon/run/scheduler_room.hpp"

namespace supportd::run {
namespace {

class SharedSchedulerTest : public SchedulerTest {};

TEST_P(SharedSchedulerTest, TwoDaemonsRunEachSlotOnce) {
  Daemon a(options, clock, stage, "a"), b(options, clock, stage, "b");
  const JobSet set{.jobs = {{"sweep", {}}}, .once = {}, .config = {}};
  a.scheduler->start(set);
  b.scheduler->start(set);
  clock.advance(20min);
  auto slots = stage.slots();
  std::ranges::sort(slots);
  ASSERT_THAT(slots, SizeIs(20));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(slots[static_cast<std::size_t>(i)], start + std::chrono::minutes(i + 1));
}

TEST_P(SharedSchedulerTest, TheNewestScheduleClaims) {
  Daemon a(options, clock, stage, "a"), b(options, clock, stage, "b");
  a.scheduler->start({.jobs = {{"sweep", {}}}, .once = {}, .config = {}});
  b.scheduler->start({.jobs = {{"sweep", {.schedule = "0 * * * *"}}}, .once = {}, .config = {}});
  clock.advance(1h);
  EXPECT_THAT(stage.slots(), ElementsAre(start + 1h));
  EXPECT_TRUE(a->jobs().at(0).outranked);
}

TEST_P(SharedSchedulerTest, ALivingDaemonsRunsAreItsOwn) {
  boot({.schedule = "", .timeout = 1h});
  stage.block();
  (*daemon)->trigger("sweep", {});
  clock.settle();
  Daemon other(options, clock, stage, "other");
  other.scheduler->start({.jobs = {{"sweep", {.schedule = ""}}}, .once = {}, .config = {}});
  clock.settle();
  EXPECT_THAT(other.outcomes(), ElementsAre("cli running"));
  EXPECT_THROW(other->trigger("sweep", {}), Error);
  other.ledger.write([](store::Tx& tx) { tx.exec("UPDATE daemon SET lease_until = 0 WHERE owner <> 'other'"); });
  Daemon third(options, clock, stage, "third");
  third.scheduler->start({.jobs = {{"sweep", {.schedule = ""}}}, .once = {}, .config = {}});
  clock.settle();
  EXPECT_THAT(third.outcomes(), ElementsAre("cli lost"));
  stage.release(clock);  // what the first says now comes too late
  EXPECT_THAT(third.outcomes(), ElementsAre("cli lost"));
}

TEST_P(SharedSchedulerTest, AClockThatDiffersFromTheDatabasesClaimsNothing) {
  Daemon a(options, clock, stage, "a");
  JobKind kind{.name = "sweep", .help = "", .arguments = {}, .schedule = "* * * * *", .run = {}, .affordable = {}};
  kind.run = [&](JobContext& context) { return stage.play("sweep", context); };
  a.scheduler.emplace(a.ledger, clock, a.log, a.metrics, a.pulses, a.deadlines, JobKinds{kind},
                      SchedulerOptions{.owner = "a"});
  a.scheduler->start({.jobs = {{"sweep", {}}}, .once = {}, .config = {}});
  clock.advance(3min);
  EXPECT_THAT(stage.seen(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(, SharedSchedulerTest, testing::Values(store::Engine::postgresql),
                         [](const auto& param) { return fakes::name_of(param.param); });

}  // namespace
}  // namespace supportd::run
