#include "daemon/run/scheduler.hpp"

#include <algorithm>

#include "daemon/run/each.hpp"
#include "daemon/run/retry.hpp"

namespace supportd::run {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_a_transaction = 500;
constexpr Millis ledger_patience = 1s;
constexpr Millis look_again = 1s;
constexpr Millis prune_every = 24h;
constexpr Millis poisoned = 1min;

double seconds(Millis length) { return std::chrono::duration<double>(length).count(); }

observe::Counter& steps(observe::Metrics& metrics, const char* direction) {
  return metrics.counter("supportd_clock_steps_total", "Steps of the wall clock noticed, by direction.",
                         {{"direction", direction}});
}

}  // namespace

Scheduler::Scheduler(store::Ledger& ledger, time::Clock& clock, observe::Log& log, observe::Metrics& metrics,
                     observe::Pulses& pulses, Deadlines& deadlines, JobKinds kinds, SchedulerOptions options)
    : ledger_(ledger),
      clock_(clock),
      log_(log),
      metrics_(metrics),
      pulse_(pulses.add("scheduler")),
      deadlines_(deadlines),
      kinds_(std::move(kinds)),
      options_(std::move(options)),
      lag_(metrics.histogram("supportd_scheduler_lag_seconds", "Time from when a slot was due until it was decided.",
                             observe::short_seconds())),
      forward_steps_(steps(metrics, "forward")),
      backward_steps_(steps(metrics, "backward")),
      watch_(clock.now(), clock.steady()),
      runner_(ledger, clock, log, options_.owner,
              {.began = [this] { wake(); }, .ended = [this](const Runner::Ended& ended) { run_ended(ended); }}) {
  deadlines_.when_earlier([this] { wake(); });
}

Scheduler::~Scheduler() {
  halt(Instant::min());
  deadlines_.when_earlier({});
}

std::vector<store::Migration> Scheduler::migrations() {
  auto all = decisions::migrations();
  for (auto& step : runs::migrations()) all.push_back(std::move(step));
  return all;
}

void Scheduler::wake() {
  const std::lock_guard lock(mutex_);
  woken_ = true;
  clock_.ring(bell_);
}

void Scheduler::loop() {
  for (;;) {
    const Instant again = tick();
    std::unique_lock lock(mutex_);
    if (ended_) return;
    if (!woken_) clock_.wait(lock, bell_, again);
    if (ended_) return;
    woken_ = false;
  }
}

Instant Scheduler::tick() {
  pulse_.beat();
  const Instant now = clock_.now();
  try {
    return work(now);
  } catch (const std::exception& error) {
    if (means_stop(error)) {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    log_.error("the scheduler cannot go on, trying again", {{"error", error.what()}});
    return now + ledger_patience;
  }
}

Instant Scheduler::work(Instant now) {
  runner_.expire();
  if (!clock_is_credible(now)) return now + look_again;
  if (now >= lease_due_) keep_lease(now);
  if (!claiming_) return lease_due_;
  if (now >= prune_due_) prune(now);
  const std::size_t done = deadlines_.fire(now) + decide(now) + start_waiting(now);
  return done > 0 ? now : next_wake(now);
}

Instant Scheduler::next_wake(Instant now) const {
  Instant next = std::min(lease_due_, prune_due_);
  const auto earlier = [&](std::optional<Instant> at) { next = std::min(next, at.value_or(time::never)); };
  earlier(deadlines_.next());
  if (const auto expiry = runner_.next_expiry()) {
    const auto left = std::chrono::ceil<Millis>(*expiry - clock_.steady());
    earlier(now + std::max(left, 1ms));
  }
  const std::lock_guard lock(mutex_);
  earlier(slots_.next());
  earlier(starts_.next());
  return next;
}

bool Scheduler::clock_is_credible(Instant now) {
  std::optional<Millis> step;
  bool lost = false;
  {
    const std::lock_guard lock(mutex_);
    step = watch_.look(now, clock_.steady());
    lost = watch_.lost();
  }
  if (step) {
    (*step > Millis{0} ? forward_steps_ : backward_steps_).Increment();
    const observe::Fields by{{"by", time::to_text(std::chrono::abs(*step))}};
    if (lost) {
      log_.error("the clock jumped forward over a day; nothing is scheduled until it is back or accepted", by);
    } else {
      log_.warning(*step > Millis{0} ? "the clock was set forward" : "the clock was set back", by);
    }
  }
  return !lost;
}

std::size_t Scheduler::decide(Instant now) {
  const std::vector<Pending> batch = due_slots(now);
  if (batch.empty()) return 0;
  const std::vector<Result> results = record(batch, now);
  for (std::size_t i = 0; i < batch.size(); ++i) apply(batch[i], results[i], now);
  return batch.size();
}

std::vector<Scheduler::Pending> Scheduler::due_slots(Instant now) const {
  std::vector<Pending> out;
  bool draining = false;
  {
    const std::lock_guard lock(mutex_);
    draining = draining_;
    for (const std::string& name : slots_.due(now, most_a_transaction)) {
      const Entry& entry = entries_.at(name);
      out.push_back({entry.job, entry.series, entry.row, {}, *slots_.at(name)});
    }
  }
  for (Pending& pending : out) {
    const Instant paused =
        pending.job->config.paused ? time::never : pending.seen.paused_until.value_or(Instant::min());
    pending.plan = plan_slots({.schedule = *pending.job->schedule,
                               .delay = pending.job->delay,
                               .catch_up = pending.job->config.catch_up,
                               .paused_until = paused,
                               .draining = draining},
                              pending.seen.decided_until, now);
  }
  return out;
}

std::vector<Scheduler::Result> Scheduler::record(const std::vector<Pending>& batch, Instant now) {
  return ledger_.write([&](store::Tx& tx) {
    std::vector<Result> out;
    each(
        batch,
        [&](const Pending& pending) {
          tx.attempt([&] {
            auto decided = decisions::record(tx, *pending.job, pending.seen, pending.plan, options_.owner, now);
            out.push_back({std::move(decided), false});
          });
        },
        [&](const Pending& pending, const std::exception& error) {
          log_.error("slots cannot be decided, trying again", {{"job", pending.job->name}, {"error", error.what()}});
          Result failed;
          failed.decided.row = pending.seen;
          failed.failed = true;
          out.push_back(std::move(failed));
        });
    return out;
  });
}

void Scheduler::apply(const Pending& pending, const Result& result, Instant now) {
  for (const Stretch& stretch : result.decided.skips) pending.series->skipped(stretch);
  if (!result.decided.stale && !result.failed) lag_.Observe(seconds(now - pending.due));
  const std::lock_guard lock(mutex_);
  refresh(result.decided.row);
  if (result.failed) slots_.set(pending.job->name, now + poisoned);
  if (result.decided.ready) {
    runner_.hand_over({*result.decided.ready, pending.job, pending.series, config_});
  }
}

std::size_t Scheduler::start_waiting(Instant now) {
  std::vector<std::string> due;
  {
    const std::lock_guard lock(mutex_);
    due = starts_.due(now, most_a_transaction);
    for (const std::string& name : due) starts_.set(name, {});
  }
  if (!due.empty()) start_next(due, now);
  return due.size();
}

// Hands over each job's next queued run, if it may start.
void Scheduler::start_next(const std::vector<std::string>& jobs, Instant now) {
  const auto found = ledger_.read([&](store::Tx& tx) {
    std::vector<RunRow> out;
    for (const std::string& job : jobs) {
      if (auto next = runs::next(tx, job, now)) out.push_back(std::move(*next));
    }
    return out;
  });
  const std::lock_guard lock(mutex_);
  for (const RunRow& run : found) {
    if (run.owner == options_.owner) hand_over(run.id, run.job);
  }
}

void Scheduler::hand_over(std::int64_t run, const std::string& job) {
  const auto entry = entries_.find(job);
  if (entry == entries_.end()) return;
  runner_.hand_over({run, entry->second.job, entry->second.series, config_});
}

void Scheduler::run_ended(const Runner::Ended& ended) {
  const std::lock_guard lock(mutex_);
  if (ended.retry_at)
    starts_.set(ended.job->name, std::min(*ended.retry_at, starts_.at(ended.job->name).value_or(time::never)));
  if (ended.next) hand_over(*ended.next, ended.job->name);
  ++endings_;
  clock_.ring(ended_bell_);
  woken_ = true;
  clock_.ring(bell_);
}

void Scheduler::refresh(const decisions::JobRow& row) {
  const auto entry = entries_.find(row.name);
  if (entry == entries_.end() || row.revision < entry->second.row.revision) return;
  entry->second.row = row;
  reschedule(row.name, entry->second);
}

void Scheduler::reschedule(const std::string& name, Entry& entry) {
  const Job& job = *entry.job;
  const bool left_for_next_start = draining_ && job.config.catch_up.mode != CatchUpMode::none;
  const bool outranked = entry.row.version != entry.version;
  const auto slot =
      job.schedule && !left_for_next_start && !outranked ? job.schedule->next(entry.row.decided_until) : std::nullopt;
  slots_.set(name, slot ? std::optional(slot->at + job.delay) : std::nullopt);
}

void Scheduler::prune(Instant now) {
  const Instant before = now - options_.keep_decisions;
  long long gone = 0;
  do {
    gone = ledger_.write([&](store::Tx& tx) { return decisions::prune(tx, before); }, store::WritePriority::bulk);
  } while (gone > 0);
  prune_due_ = now + prune_every;
}

}  // namespace supportd::run
