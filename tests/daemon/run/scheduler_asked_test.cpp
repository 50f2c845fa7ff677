#include "tests/daemon/run/scheduler_room.hpp"

namespace supportd::run {
namespace {

class AskedTest : public SchedulerTest {};

TEST_P(AskedTest, RunsWhenAskedWithArguments) {
  Daemon& d = boot({.schedule = ""});
  const auto run = d->trigger("sweep", {.trigger = Trigger::cli,
                                        .actor = "uid 1000",
                                        .reason = "curious",
                                        .arguments = {{"depth", "2"}},
                                        .dry_run = true});
  clock.settle();
  const RunRow row = d->wait(run, clock.now());
  EXPECT_EQ(row.outcome, Outcome::ok);
  EXPECT_EQ(row.actor, "uid 1000");
  ASSERT_THAT(stage.seen(), SizeIs(1));
  EXPECT_TRUE(stage.seen()[0].dry_run);
  EXPECT_EQ(stage.seen()[0].arguments.at("depth"), "2");
}

TEST_P(AskedTest, RefusesWhatItDoesNotKnowNamingWhatExists) {
  Daemon& d = boot({.schedule = "", .signal_slot = 3});
  const auto message = [&](const std::string& job, const Arguments& arguments) -> std::string {
    try {
      d->trigger(job, {.trigger = Trigger::cli, .actor = "", .reason = "", .arguments = arguments, .dry_run = false});
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(message("swep", {}), HasSubstr("sweep"));
  EXPECT_THAT(message("sweep", {{"dept", "1"}}), HasSubstr("depth"));
  EXPECT_THAT(message("sweep", {{"depth", "9"}}), HasSubstr("1, 2"));
  EXPECT_EQ(d->job_of_signal(3), "sweep");
  EXPECT_FALSE(d->job_of_signal(4));
}

TEST_P(AskedTest, WhatIsAskedForObeysTheOverlapRule) {
  Daemon& d = boot({.schedule = "", .timeout = 1h});
  stage.block();
  const auto first = d->trigger("sweep", {});
  clock.settle();
  EXPECT_THROW(d->trigger("sweep", {}), Error);
  d->cancel(first, "enough");
  clock.settle();
  EXPECT_THAT(d.outcomes(), ElementsAre("cli cancelled"));
}

TEST_P(AskedTest, AChangeIsMadeWithItsAuditOrNotAtAll) {
  Daemon& d = boot({.schedule = "", .timeout = 1h});
  const Scheduler::Along fails = [](store::Tx&) { throw Error(ErrorKind::unreachable, "the audit cannot be written"); };
  EXPECT_THROW(d->pause("sweep", time::never, "why", "who", fails), Error);
  EXPECT_FALSE(d->jobs()[0].paused_until);
  d->pause("sweep", time::never, "why", "who");
  EXPECT_THROW(d->resume("sweep", fails), Error);
  EXPECT_TRUE(d->jobs()[0].paused_until);
  d->resume("sweep");
  EXPECT_THROW(d->trigger("sweep", {}, fails), Error);
  clock.settle();
  EXPECT_TRUE(d.runs().empty());
  stage.block();
  const auto run = d->trigger("sweep", {});
  clock.settle();
  EXPECT_THROW(d->cancel(run, "enough", fails), Error);
  clock.settle();
  EXPECT_EQ(d.runs().at(0).state, RunState::running);
  EXPECT_THROW(d->reload({.jobs = {}, .once = {}, .config = {}}, fails), Error);
  EXPECT_EQ(d->jobs().size(), 1u);
}

TEST_P(AskedTest, OnceIsOnceForEver) {
  const RunOnce once{.id = "backfill-1", .job = "sweep", .arguments = {{"depth", "1"}}};
  const JobSet set{.jobs = {{"sweep", {.schedule = ""}}}, .once = {once}, .config = {}};
  Daemon& d = boot({.schedule = ""});
  d->reload(set);
  clock.settle();
  d->reload(set);
  clock.settle();
  Daemon& again = boot({.schedule = ""});
  again->reload(set);
  clock.settle();
  EXPECT_THAT(again.outcomes(), ElementsAre("run_once ok"));
  JobSet other = set;
  other.once[0].arguments["depth"] = "2";
  EXPECT_THROW(again->reload(other), Error);
}

INSTANTIATE_TEST_SUITE_P(, AskedTest, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& param) { return fakes::name_of(param.param); });

}  // namespace
}  // namespace supportd::run
