#include "daemon/run/jitter.hpp"
#include "tests/daemon/run/scheduler_room.hpp"

namespace supportd::run {
namespace {

TEST_P(SchedulerTest, RunsEachSlotAtItsInstant) {
  Daemon& d = boot();
  clock.advance(3min);
  EXPECT_THAT(stage.slots(), ElementsAre(start + 1min, start + 2min, start + 3min));
  EXPECT_EQ(stage.seen()[0].at, start + 1min);
  const auto runs = d.runs();
  ASSERT_THAT(runs, SizeIs(3));
  EXPECT_EQ(runs[0].outcome, Outcome::ok);
  EXPECT_EQ(runs[0].summary, "did it");
  EXPECT_EQ(runs[0].counts, "{\"things\":3}");
  EXPECT_EQ(d.metric("supportd_jobs_runs_total{job_name=\"sweep\",result=\"success\"}"), 3);
  EXPECT_EQ(d.metric("supportd_jobs_runs_total{job_name=\"sweep\",result=\"lost\"}"), 0);
  EXPECT_EQ(d.metric("supportd_job_interval_seconds{job_name=\"sweep\"}"), 60);
}

TEST_P(SchedulerTest, JitterDelaysTheRunNotTheSlot) {
  Daemon& d = boot({.schedule = "0 * * * *", .jitter = 10min});
  const Millis delay = d->jobs().at(0).delay;
  ASSERT_GT(delay, 0ms);
  clock.advance_to(start + 1h + delay - 2s);
  EXPECT_THAT(in_words(d.ledger.read([&](store::Tx& tx) { return why(tx, "sweep", start + 1h, delay); })),
              HasSubstr("not yet: it is due at " + time::to_text(start + 1h + delay)));
  clock.advance_to(start + 1h + delay - 1ms);
  EXPECT_THAT(stage.seen(), IsEmpty());
  clock.advance(1ms);
  EXPECT_THAT(stage.slots(), ElementsAre(start + 1h));
}

TEST_P(SchedulerTest, OverlapSkipsAndSaysSo) {
  Daemon& d = boot({.timeout = 1h});
  stage.block();
  clock.advance(4min);
  EXPECT_THAT(d.said(start + 3min), HasSubstr("skipped: overlap, as were all 3 slots"));
  stage.release(clock);
  clock.advance(1min);
  EXPECT_THAT(stage.slots(), ElementsAre(start + 1min, start + 5min));
  EXPECT_EQ(d.metric("supportd_jobs_skipped_total{job_name=\"sweep\",reason=\"overlap\"}"), 3);
  expect_all_decided(start + 5min);
}

TEST_P(SchedulerTest, AQueueHoldsOne) {
  Daemon& d = boot({.overlap = Overlap::queue, .timeout = 1h});
  stage.block();
  clock.advance(4min);
  EXPECT_THAT(d.said(start + 2min), HasSubstr("queued"));
  EXPECT_THAT(d.said(start + 3min), HasSubstr("skipped: overlap"));
  stage.release(clock);
  EXPECT_THAT(stage.slots(), ElementsAre(start + 1min, start + 2min));
  expect_all_decided(start + 4min);
}

TEST_P(SchedulerTest, APauseIsOneStretchWithAReasonAndAnEnd) {
  Daemon& d = boot();
  d->pause("sweep", start + 1h, "maintenance", "uid 1000");
  clock.advance(1h + 1min);
  EXPECT_THAT(stage.slots(), ElementsAre(start + 1h, start + 1h + 1min));
  EXPECT_THAT(d.said(start + 7min), HasSubstr("skipped: paused by uid 1000: maintenance; as were all 59"));
  EXPECT_EQ(d->jobs().at(0).pause_reason, "maintenance");
  d->pause("sweep", time::never, "again", "uid 1000");
  EXPECT_THAT(d.said(start + 1h + 3min),
              HasSubstr("and will be skipped: paused until it is resumed, by uid 1000: again"));
  clock.advance(5min);
  d->resume("sweep");
  clock.advance(1min);
  EXPECT_THAT(stage.seen(), SizeIs(3));
  expect_all_decided(start + 1h + 7min);
}

TEST_P(SchedulerTest, AfterADowntimeTheLatestStandsForTheRest) {
  boot();
  clock.advance(1min);
  daemon.reset();
  clock.advance(2h);
  Daemon& d = boot();
  EXPECT_THAT(stage.slots(), ElementsAre(start + 1min, start + 2h + 1min));
  EXPECT_THAT(d.said(start + 2h), HasSubstr("coalesced"));
  EXPECT_THAT(d.outcomes(), ElementsAre("schedule ok", "schedule ok"));
  EXPECT_EQ(d.metric("supportd_job_last_success_timestamp_seconds{job_name=\"sweep\"}"),
            static_cast<double>(time::to_millis(start + 2h + 1min)) / 1000);
  expect_all_decided(start + 2h + 1min);
}

TEST_P(SchedulerTest, CatchingUpOnAllRunsThemInOrder) {
  const JobConfig hourly{.schedule = "0 * * * *", .catch_up = {CatchUpMode::all, 24h, 4}};
  boot(hourly);
  daemon.reset();
  clock.advance(6h + 30min);
  Daemon& d = boot(hourly);
  clock.settle();
  EXPECT_THAT(stage.slots(), ElementsAre(start + 3h, start + 4h, start + 5h, start + 6h));
  EXPECT_THAT(d.outcomes(), Contains("catch_up ok").Times(4));
}

TEST_P(SchedulerTest, WhatTakesTooLongIsTold) {
  Daemon& d = boot({.timeout = 90s});
  stage.block();
  clock.advance(1min + 90s - 1ms);
  EXPECT_THAT(d.outcomes(), ElementsAre("schedule running"));
  clock.advance(1ms);
  EXPECT_THAT(d.outcomes(), ElementsAre("schedule timeout"));
}

TEST_P(SchedulerTest, WhatCannotBePaidForIsSkippedAndSaysSo) {
  Daemon& d = boot();
  clock.advance(1min);
  d.affordable = false;
  clock.advance(2min);
  EXPECT_THAT(d.said(start + 3min), HasSubstr("skipped: budget"));
  d.affordable = true;
  clock.advance(2min);
  EXPECT_THAT(stage.slots(), Contains(start + 5min));
  EXPECT_GE(d.metric("supportd_jobs_skipped_total{job_name=\"sweep\",reason=\"budget\"}"), 1);
  expect_all_decided(start + 5min);
}

TEST_P(SchedulerTest, AFailureKeepsWhatWasToldOfIt) {
  Daemon& d = boot();
  stage.fail(1);
  clock.advance(1min);
  ASSERT_THAT(d.runs(), SizeIs(1));
  EXPECT_EQ(d.runs()[0].outcome, Outcome::failed);
  EXPECT_EQ(d.runs()[0].summary, "half of it");
  EXPECT_EQ(d.runs()[0].counts, "{\"things\":1}");
}

TEST_P(SchedulerTest, RetriesUntilItWorks) {
  Daemon& d = boot({.schedule = "0 * * * *", .retries = {.max = 3, .backoff = {.base = 10s, .cap = 1min}}});
  stage.fail(2);
  clock.advance(1h + 30min);
  EXPECT_THAT(d.outcomes(), ElementsAre("schedule failed", "retry failed", "retry ok"));
  EXPECT_THAT(stage.slots(), ElementsAre(start + 1h, start + 1h, start + 1h));
  EXPECT_EQ(d.runs()[0].error, "out of luck");
  EXPECT_THAT(d.said(start + 1h), HasSubstr("attempt 3): ok"));
}

TEST_P(SchedulerTest, ARefusalIsNotTriedAgain) {
  Daemon& d = boot({.schedule = "0 * * * *", .retries = {.max = 3}});
  stage.fail(1, ErrorKind::refused);
  clock.advance(1h + 30min);
  EXPECT_THAT(d.outcomes(), ElementsAre("schedule failed"));
}

TEST_P(SchedulerTest, ARetrySurvivesARestart) {
  const JobConfig config{.schedule = "0 * * * *", .retries = {.max = 3, .backoff = {.base = 10min, .cap = 10min}}};
  Daemon& first = boot(config);
  stage.fail(1);
  clock.advance(1h);
  EXPECT_THAT(first.outcomes(), ElementsAre("schedule failed", "retry queued"));
  first->stop(clock.now());
  Daemon& second = boot(config);
  clock.advance(10min);
  EXPECT_THAT(second.outcomes(), ElementsAre("schedule failed", "retry ok"));
}

TEST_P(SchedulerTest, ANewSlotSupersedesAWaitingRetry) {
  Daemon& d = boot({.retries = {.max = 3, .backoff = {.base = 24h, .cap = 24h}}});
  stage.fail(1);
  clock.advance(2min);
  EXPECT_THAT(d.outcomes(), ElementsAre("schedule failed", "retry cancelled", "schedule ok"));
  EXPECT_THAT(d.runs()[1].error, HasSubstr("superseded"));
}

TEST_P(SchedulerTest, ARunOfADeadDaemonIsLostAndTriedAgain) {
  const JobConfig config{.schedule = "0 * * * *", .retries = {.max = 1, .backoff = {.base = 1s, .cap = 1s}}};
  boot(config);
  daemon->ledger.write([](store::Tx& tx) {
    tx.exec(
        "INSERT INTO run (job, slot, attempt, origin, actor, reason, arguments, dry_run, state, created, start_at, "
        "started, owner, fence) VALUES ('sweep', 0, 1, 'schedule', '', '', '{}', 0, 'running', 0, 0, 0, 'the dead', "
        "4)");
  });
  Daemon& d = boot(config);
  clock.advance(1min);
  EXPECT_THAT(d.outcomes(), ElementsAre("schedule lost", "retry ok"));
  EXPECT_EQ(d.metric("supportd_jobs_runs_total{job_name=\"sweep\",result=\"lost\"}"), 1);
  EXPECT_THROW(d.ledger.write([](store::Tx& tx) { Fence(1, 4).check(tx); }), Error);
}

TEST_P(SchedulerTest, AChangedScheduleSupersedesWhatTheOldOneOwed) {
  boot({.schedule = "*/10 * * * *"});
  clock.advance(5min);
  daemon.reset();
  clock.advance(30min);
  Daemon& d = boot({.schedule = "0 * * * *"});
  clock.advance(1h);
  EXPECT_THAT(d.said(start + 20min), HasSubstr("superseded, as were all 3 slots"));
  EXPECT_THAT(stage.slots(), ElementsAre(start + 1h));
  EXPECT_THAT(d.said(start + 40min), HasSubstr("not a fire time; the nearest are"));
}

TEST_P(SchedulerTest, ARemovedJobStartsAnewWhenItReturns) {
  Daemon& d = boot();
  d->reload({.jobs = {}, .once = {}, .config = {}});
  clock.advance(1h);
  d->reload({.jobs = {{"sweep", {}}}, .once = {}, .config = {}});
  clock.advance(1min);
  EXPECT_THAT(stage.slots(), ElementsAre(start + 1h + 1min));
  EXPECT_THAT(d.said(start + 30min), HasSubstr("not a fire time"));
}

TEST_P(SchedulerTest, AFlawedReloadChangesNothing) {
  Daemon& d = boot();
  EXPECT_THROW(d->reload({.jobs = {{"sweep", {.schedule = "61 * * * *"}}}, .once = {}, .config = {}}), Error);
  EXPECT_THROW(d->reload({.jobs = {{"swep", {}}}, .once = {}, .config = {}}), Error);
  clock.advance(1min);
  EXPECT_THAT(stage.seen(), SizeIs(1));
}

TEST_P(SchedulerTest, APlanNamesWhoseNextRunMoves) {
  Daemon& d = boot();
  EXPECT_THAT(d->plan({{"sweep", {}}}), IsEmpty());
  const auto changes = d->plan({{"sweep", {.schedule = "0 * * * *"}}});
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].next_before, start + 1min);
  EXPECT_EQ(changes[0].next_after, start + 1h);
}

TEST_P(SchedulerTest, APlanNamesRunsThatJitterOrAPauseMoves) {
  Daemon& d = boot();
  const Millis delay = jitter_of("sweep", 4min);
  ASSERT_GT(delay, 0ms);
  const auto later = d->plan({{"sweep", {.jitter = 4min}}});
  ASSERT_THAT(later, SizeIs(1));
  EXPECT_EQ(later[0].next_before, start + 1min);
  EXPECT_EQ(later[0].next_after, start + 1min + delay);
  const auto paused = d->plan({{"sweep", {.paused = true}}});
  ASSERT_THAT(paused, SizeIs(1));
  EXPECT_EQ(paused[0].next_before, start + 1min);
  EXPECT_EQ(paused[0].next_after, std::nullopt);
  d->reload({.jobs = {{"sweep", {.jitter = 4min}}}});
  EXPECT_EQ(d->jobs()[0].next, start + 1min);
  EXPECT_EQ(d->jobs()[0].next_run, later[0].next_after) << "what was planned";
  EXPECT_THAT(d->plan({{"sweep", {.jitter = 4min}}}), IsEmpty());
  d->pause("sweep", start + 1h, "", "uid 1000");
  EXPECT_EQ(d->jobs()[0].next_run, start + 1h + delay);
  EXPECT_THAT(d->plan({{"sweep", {.jitter = 4min}}}), IsEmpty()) << "a pause outlives a reload";
  d->pause("sweep", time::never, "", "uid 1000");
  EXPECT_EQ(d->jobs()[0].next_run, std::nullopt);
}

TEST_P(SchedulerTest, APauseOfTheConfigurationIsEndedThere) {
  Daemon& d = boot({.paused = true});
  bool along = false;
  try {
    d->resume("sweep", [&](store::Tx&) { along = true; });
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::conflict);
    EXPECT_THAT(error.what(), HasSubstr("jobs.sweep.paused"));
  }
  EXPECT_FALSE(along) << "nothing was audited";
  EXPECT_EQ(d->jobs()[0].next_run, std::nullopt);
}

TEST_P(SchedulerTest, TheLastFireTimeIsThatOfARunOrOfASkip) {
  Daemon& d = boot();
  const auto last = [&] { return d.ledger.read([&](store::Tx& tx) { return last_slot(tx, "sweep", clock.now()); }); };
  EXPECT_EQ(last(), std::nullopt);
  clock.advance(2min);
  EXPECT_EQ(last(), start + 2min);
  d->pause("sweep", time::never, "", "uid 1000");
  clock.advance(3min);
  EXPECT_EQ(last(), start + 5min);
  d->resume("sweep");
  clock.advance(1min);
  EXPECT_EQ(last(), start + 6min);
}

TEST_P(SchedulerTest, SmallClockStepsRunNothingTwice) {
  Daemon& d = boot();
  clock.advance(10min);
  clock.step(-5min);
  clock.advance(5min);
  EXPECT_THAT(stage.seen(), SizeIs(10));
  clock.step(1h);
  clock.advance(1min);
  expect_all_decided(start + 1h + 11min);
  EXPECT_EQ(d.metric("supportd_clock_steps_total{direction=\"backward\"}"), 1);
  EXPECT_EQ(d.metric("supportd_clock_steps_total{direction=\"forward\"}"), 1);
}

TEST_P(SchedulerTest, AJumpOverADayStopsEverythingUntilAccepted) {
  Daemon& d = boot();
  clock.advance(1min);
  clock.step(48h);
  clock.advance(5min);
  EXPECT_THAT(stage.seen(), SizeIs(1));
  d->accept_clock();
  clock.advance(1min);
  EXPECT_THAT(stage.seen(), SizeIs(2));
  EXPECT_THAT(d.said(start + 24h), HasSubstr("skipped: gap"));
  expect_all_decided(start + 1h);
}

TEST_P(SchedulerTest, ASynchronisedClockIsAcceptedByItself) {
  Daemon& d = boot();
  clock.advance(1min);
  EXPECT_FALSE(d->trouble().text());
  clock.step(48h);
  clock.advance(5min);
  EXPECT_THAT(stage.seen(), SizeIs(1));
  EXPECT_THAT(d->trouble().text().value_or(""), HasSubstr("the clock jumped forward over a day"));
  d.synchronised = true;
  clock.advance(2min);
  EXPECT_FALSE(d->trouble().text());
  EXPECT_THAT(stage.seen(), SizeIs(3));
  EXPECT_THAT(d.said(start + 24h), HasSubstr("skipped: gap"));
  const auto audit = d.ledger.read([](store::Tx& tx) { return store::audit_tail(tx, 1); });
  ASSERT_THAT(audit, SizeIs(1));
  EXPECT_EQ(audit[0].entry.action, "clock.accept");
}

TEST_P(SchedulerTest, ATimeThatComesBackNeedsNoAcceptance) {
  boot();
  clock.step(48h);
  clock.advance(5min);
  clock.step(-48h);
  clock.advance(1min);
  EXPECT_FALSE(stage.seen().empty());
  EXPECT_LE(stage.slots().back(), start + 6min);
}

TEST_P(SchedulerTest, WhatAStopInterruptsIsStillOwed) {
  Daemon& first = boot({.schedule = "0 * * * *"});
  stage.block();
  clock.advance(1h);
  first->stop(clock.now());
  EXPECT_THAT(first.outcomes(), ElementsAre("schedule queued"));
  stage.release(clock);
  Daemon& second = boot({.schedule = "0 * * * *"});
  clock.settle();
  EXPECT_THAT(second.outcomes(), ElementsAre("schedule ok"));
  EXPECT_THAT(stage.slots(), ElementsAre(start + 1h, start + 1h));
}

TEST_P(SchedulerTest, DeadlinesFireAtTheirInstant) {
  boot({.schedule = ""});
  daemon.reset();
  daemon = std::make_unique<Daemon>(options, clock, stage, "another");
  std::vector<Instant> fired;
  daemon->deadlines.on("sla", [&](store::Tx&, const std::string&, Instant at, Instant now) {
    EXPECT_EQ(at, now);
    fired.push_back(at);
  });
  daemon->scheduler->start({.jobs = {{"sweep", {.schedule = ""}}}, .once = {}, .config = {}});
  clock.settle();
  daemon->ledger.write([&](store::Tx& tx) {
    daemon->deadlines.arm(tx, "sla", "near", start + 3min + 7ms);
    daemon->deadlines.arm(tx, "sla", "far", start + 3h + 7ms);
  });
  clock.advance(4h);
  EXPECT_THAT(fired, ElementsAre(start + 3min + 7ms, start + 3h + 7ms));
}

TEST_P(SchedulerTest, OldDecisionsAreForgotten) {
  Daemon& d = boot({.schedule = "0 0 * * *"});
  clock.advance(24h * 100);
  EXPECT_TRUE(std::holds_alternative<Pruned>(d.ask_why(start + 24h)));
  EXPECT_TRUE(std::holds_alternative<RunRow>(d.ask_why(start + 24h * 50)));
  EXPECT_TRUE(std::holds_alternative<BeforeFirstSight>(d.ask_why(start - 24h)));
}

TEST_P(SchedulerTest, ManyJobsOfOneMinuteAreAllHandedOver) {
  const int many = GetParam() == store::Engine::sqlite ? 10'000 : 1'000;
  JobSet set;
  for (int i = 0; i < many; ++i) set.jobs["job " + std::to_string(i)] = {.kind = "sweep", .jitter = 4s};
  Daemon& d = boot({.schedule = ""});
  d->reload(set);
  clock.advance(1min + 4s);
  EXPECT_EQ(stage.seen().size(), static_cast<std::size_t>(many));
  EXPECT_THAT(d.outcomes(), testing::Each("schedule ok"));
}

INSTANTIATE_TEST_SUITE_P(, SchedulerTest, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& param) { return fakes::name_of(param.param); });

}  // namespace
}  // namespace supportd::run
