// A scheduler on its ledger under a clock that the test moves, and the stage its jobs play on.
#pragma once

#include <gmock/gmock.h>

#include "daemon/run/scheduler.hpp"
#include "daemon/run/why.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/content.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/scratch.hpp"

namespace supportd::run {

using namespace std::chrono_literals;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

inline constexpr Instant start_of_2026{1'767'225'600'000ms};
inline const Instant start = time::parse_instant("2026-01-01T00:00:00Z").value();

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
      context.tell({.summary = "half of it", .counts = {{"things", 1}}});
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
                  .arguments = {{.name = "depth",
                                 .help = "How deep.",
                                 .required = false,
                                 .choices =
                                     [] {
                                       return std::vector<std::string>{"1", "2"};
                                     }}},
                  .schedule = "* * * * *",
                  .run = {},
                  .affordable = {}};
    sweep.run = [&stage](JobContext& context) { return stage.play("sweep", context); };
    sweep.affordable = [this] { return affordable.load(); };
    // With the manual clock nobody agrees with a database's.
    scheduler.emplace(
        ledger, clock, log, metrics, pulses, deadlines, JobKinds{sweep},
        SchedulerOptions{
            .owner = std::move(owner), .workers = 2, .lease = 24h, .most_skew = {}, .synchronised = [this] {
              return synchronised.load();
            }});
  }
  static std::vector<store::Migration> migrations() {
    auto all = Scheduler::migrations();
    for (auto& step : Deadlines::migrations()) all.push_back(step);
    for (auto& step : store::records_schema()) all.push_back(step);
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
  std::atomic<bool> affordable = true, synchronised = false;
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
      EXPECT_TRUE(std::holds_alternative<RunRow>(answer) || std::holds_alternative<Skipped>(answer))
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

}  // namespace supportd::run
