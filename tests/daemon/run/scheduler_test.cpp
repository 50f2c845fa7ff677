#include "daemon/run/scheduler.hpp"

#include <gmock/gmock.h>

#include "daemon/run/why.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/scratch.hpp"

namespace supportd::run {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr Instant start_of_2026{1'767'225'600'000ms};
const Instant start = time::parse_instant("2026-01-01T00:00:00Z").value();

// What jobs do in these tests, and what they saw.
class Stage {
 public:
  struct Seen {
    std::string job;
    Instant slot, at;
    bool dry_run;
    Arguments arguments;
  };

  Report play(const std::string& job, JobContext& context) {
    const std::stop_callback on_stop(context.stop, [&] {
      { const std::lock_guard lock(mutex_); }
      context.clock.ring(bell_);
    });
    std::unique_lock lock(mutex_);
    seen_.push_back({job, context.slot, context.now(), context.dry_run, context.arguments});
    while (blocked_ && !context.stop.stop_requested()) context.clock.wait(lock, bell_);
    if (context.stop.stop_requested()) throw Error(ErrorKind::stopped, "told to stop");
    if (failures_ > 0) {
      --failures_;
      throw Error(kind_of_failure_, "out of luck");
    }
    return {.summary = "did it", .counts = {{"things", 3}}};
  }
  void block() {
    const std::lock_guard lock(mutex_);
    blocked_ = true;
  }
  void release(fakes::ManualClock& clock) {
    {
      const std::lock_guard lock(mutex_);
      blocked_ = false;
    }
    clock.ring(bell_);
    clock.settle();
  }
  void fail(int times, ErrorKind kind = ErrorKind::unreachable) {
    const std::lock_guard lock(mutex_);
    failures_ = times;
    kind_of_failure_ = kind;
  }
  std::vector<Seen> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }
  std::vector<Instant> slots() const {
    std::vector<Instant> out;
    for (const Seen& seen : this->seen()) out.push_back(seen.slot);
    return out;
  }

 private:
  mutable std::mutex mutex_;
  time::Bell bell_;
  bool blocked_ = false;
  int failures_ = 0;
  ErrorKind kind_of_failure_ = ErrorKind::unreachable;
  std::vector<Seen> seen_;
};

// One supportd process, as far as jobs go.
struct Daemon {
  Daemon(const store::LedgerOptions& options, fakes::ManualClock& manual, Stage& stage, std::string owner)
      : clock(manual),
        ledger(options, manual, migrations()),
        log(manual, [](const observe::Record&) {}),
        pulses(manual) {
    JobKind sweep{.name = "sweep",
                  .help = "Sweeps.",
                  .arguments = {{.name = "depth", .help = "How deep.", .required = false, .choices = [] { return std::vector<std::string>{"1", "2"}; }}},
                  .schedule = "* * * * *",
                  .run = {},
                  .affordable = {}};
    sweep.run = [&stage](JobContext& context) { return stage.play("sweep", context); };
    // With the manual clock nobody agrees with a database's.
    scheduler.emplace(ledger, clock, log, metrics, pulses, deadlines, JobKinds{sweep},
                      SchedulerOptions{.owner = std::move(owner), .workers = 2, .lease = 24h, .most_skew = {}});
  }
  static std::vector<store::Migration> migrations() {
    auto all = Scheduler::migrations();
    for (auto& step : Deadlines::migrations()) all.push_back(step);
    return all;
  }
  Scheduler* operator->() { return &*scheduler; }
  WhyAnswer ask_why(Instant slot, const std::string& job = "sweep") {
    return ledger.read([&](store::Tx& tx) { return why(tx, job, slot); });
  }
  std::string said(Instant slot) { return in_words(ask_why(slot)); }
  std::vector<RunRow> runs() {
    auto all = ledger.read([](store::Tx& tx) { return runs::latest(tx, "", 100'000); });
    std::ranges::reverse(all);
    return all;
  }
  std::vector<std::string> outcomes() {
    std::vector<std::string> out;
    for (const RunRow& run : runs()) {
      out.push_back(std::string(to_text(run.trigger)) + " " +
                    std::string(run.outcome ? to_text(*run.outcome) : to_text(run.state)));
    }
    return out;
  }
  double metric(const std::string& series) {
    const std::string text = metrics.text();
    const auto at = text.find("\n" + series + " ");
    return at == std::string::npos ? -1 : std::stod(text.substr(at + series.size() + 2));
  }

  fakes::ManualClock& clock;
  store::Ledger ledger;
  observe::Metrics metrics;
  observe::Log log;
  observe::Pulses pulses;
  Deadlines deadlines{ledger, log, metrics};
  std::optional<Scheduler> scheduler;
};

class SchedulerTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (!fakes::have(GetParam())) GTEST_SKIP() << "no " << fakes::name_of(GetParam()) << " to test against";
    options = scratch.ledger(GetParam());
  }
  Daemon& boot(const JobConfig& config = {}, const std::string& owner = "") {
    daemon.reset();
    daemon =
        std::make_unique<Daemon>(options, clock, stage, owner.empty() ? "daemon " + std::to_string(++boots) : owner);
    daemon->scheduler->start({.jobs = {{"sweep", config}}, .once = {}, .config = {}});
    clock.settle();
    return *daemon;
  }
  // Every fire time since the start has one decision, and no other instant has.
  void expect_all_decided(Instant until) {
    for (Instant slot = start + 1min; slot <= until; slot += 1min) {
      const auto answer = daemon->ask_why(slot);
      EXPECT_TRUE(std::holds_alternative<RunRow>(answer) || std::holds_alternative<Stretch>(answer))
          << time::to_text(slot) << " " << in_words(answer);
    }
  }

  fakes::Scratch scratch;
  fakes::ManualClock clock{start};
  store::LedgerOptions options;
  Stage stage;
  int boots = 0;
  std::unique_ptr<Daemon> daemon;
};

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
  EXPECT_THAT(d.said(start + 7min), HasSubstr("skipped: paused, as were all 59 slots"));
  EXPECT_EQ(d->jobs().at(0).pause_reason, "maintenance");
  d->pause("sweep", time::never, "again", "uid 1000");
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

TEST_P(SchedulerTest, ATimeThatComesBackNeedsNoAcceptance) {
  boot();
  clock.step(48h);
  clock.advance(5min);
  clock.step(-48h);
  clock.advance(1min);
  EXPECT_FALSE(stage.seen().empty());
  EXPECT_LE(stage.slots().back(), start + 6min);
}

TEST_P(SchedulerTest, RunsWhenAskedWithArguments) {
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

TEST_P(SchedulerTest, RefusesWhatItDoesNotKnowNamingWhatExists) {
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

TEST_P(SchedulerTest, WhatIsAskedForObeysTheOverlapRule) {
  Daemon& d = boot({.schedule = "", .timeout = 1h});
  stage.block();
  const auto first = d->trigger("sweep", {});
  clock.settle();
  EXPECT_THROW(d->trigger("sweep", {}), Error);
  d->cancel(first, "enough");
  clock.settle();
  EXPECT_THAT(d.outcomes(), ElementsAre("cli cancelled"));
}

TEST_P(SchedulerTest, AChangeIsMadeWithItsAuditOrNotAtAll) {
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

TEST_P(SchedulerTest, OnceIsOnceForEver) {
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

INSTANTIATE_TEST_SUITE_P(, SchedulerTest, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& param) { return fakes::name_of(param.param); });

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
