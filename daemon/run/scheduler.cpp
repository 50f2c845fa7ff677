#include "daemon/run/scheduler.hpp"

#include <algorithm>

#include "daemon/run/each.hpp"
#include "daemon/run/retry.hpp"
#include "daemon/store/audit.hpp"

namespace supportd::run {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t most_a_transaction = 500;
constexpr Millis ledger_patience = 1s;
constexpr Millis prune_every = 24h;
constexpr Millis poisoned = 1min;
// What is decided ahead is decided together, a tenth of a second's slots in one transaction.
using Together = std::chrono::duration<std::int64_t, std::deci>;

double seconds(Millis length) { return std::chrono::duration<double>(length).count(); }

Instant paused_until(const Job& job, const decisions::JobRow& row) {
  return job.config.paused ? time::never : row.paused_until.value_or(Instant::min());
}

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
      trouble_(log, clock, "scheduler"),
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

void Scheduler::clock_was_set() {
  wake();
  runner_.clock_was_set();
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
    const Instant again = work(now);
    trouble_.over();
    return again;
  } catch (const std::exception& error) {
    if (means_stop(error)) {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    trouble_.met(error.what());
    return now + ledger_patience;
  }
}

Instant Scheduler::work(Instant now) {
  runner_.expire();
  if (!clock_is_credible(now)) {
    throw Error(ErrorKind::config,
                "the clock jumped forward over a day: nothing is scheduled until it is back, "
                "synchronised, or accepted by supportctl clock accept");
  }
  if (now >= lease_due_) keep_lease(now);
  if (!claiming_) {
    throw Error(ErrorKind::config, "the clock differs from the database's: nothing is claimed until it is set");
  }
  if (now >= prune_due_) prune(now);
  disarm_strays(now);
  record_beginnings();
  const std::size_t done = deadlines_.fire(now) + decide(now) + start_waiting(now);
  return done > 0 ? now : next_wake(now);
}

Instant Scheduler::next_wake(Instant now) const {
  Instant next = std::min(lease_due_, prune_due_);
  const auto earlier = [&](std::optional<Instant> at) { next = std::min(next, at.value_or(time::never)); };
  earlier(deadlines_.next());
  earlier(runner_.next_look());
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
    log_.warning(*step > Millis{0} ? "the clock was set forward" : "the clock was set back",
                 {{"by", time::to_text(std::chrono::abs(*step))}});
  }
  if (lost && options_.synchronised && options_.synchronised()) {
    accept_synchronised();
    return true;
  }
  return !lost;
}

void Scheduler::accept_synchronised() {
  accept_clock([this](store::Tx& tx) {
    store::audit(tx, clock_.now(), {"supportd", "clock.accept", "clock", "it is synchronised", ""});
  });
}

std::size_t Scheduler::decide(Instant now) {
  const std::vector<Pending> batch = due_slots(now);
  if (batch.empty()) return 0;
  const std::vector<Result> results = record(batch, now);
  for (std::size_t i = 0; i < batch.size(); ++i) apply(batch[i], results[i], now);
  return batch.size();
}

std::vector<Scheduler::Pending> Scheduler::due_slots(Instant now) {
  std::vector<Pending> out;
  bool draining = false;
  {
    const std::lock_guard lock(mutex_);
    draining = draining_;
    for (const std::string& name : slots_.due(now, most_a_transaction)) {
      const Entry& entry = entries_.at(name);
      const auto slot = entry.job->schedule->next(entry.row.decided_until);
      Pending pending{entry.job, entry.series, entry.row, slot->at + entry.job->delay};
      if (pending.due > now) {
        if (draining_ || holds_ > 0 || slot->at < paused_until(*entry.job, entry.row)) {
          slots_.set(name, pending.due);
          continue;
        }
        pending.ahead = slot;
      }
      out.push_back(std::move(pending));
    }
  }
  for (Pending& pending : out) {
    if (pending.ahead) continue;
    const Instant paused = paused_until(*pending.job, pending.seen);
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
            auto decided =
                pending.ahead
                    ? decisions::arm(tx, *pending.job, pending.seen, *pending.ahead, pending.due, options_.owner, now)
                    : decisions::record(tx, *pending.job, pending.seen, pending.plan, options_.owner, now);
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
  const bool decided = !result.decided.stale && !result.failed && (!pending.ahead || result.decided.armed);
  if (decided) lag_.Observe(seconds(std::max(now - pending.due, Millis{0})));
  const std::lock_guard lock(mutex_);
  refresh(result.decided.row);
  if (result.failed) slots_.set(pending.job->name, now + poisoned);
  if (result.decided.ready) {
    runner_.hand_over({*result.decided.ready, pending.job, pending.series, config_});
  }
  if (pending.ahead && decided) arm(pending, result);
  if (pending.ahead && !decided && !result.failed && !result.decided.stale) slots_.set(pending.job->name, pending.due);
}

void Scheduler::arm(const Pending& pending, const Result& result) {
  const auto entry = entries_.find(pending.job->name);
  const bool unchanged = entry != entries_.end() && entry->second.job == pending.job &&
                         entry->second.row.revision == result.decided.row.revision;
  if (unchanged && holds_ == 0 && !draining_) {
    runner_.hand_over({result.decided.armed->id, pending.job, pending.series, config_, result.decided.armed});
  } else {
    strays_.push_back(pending.job->name);
  }
}

// What was decided ahead, but somebody changed the job meanwhile, or nobody was there at its instant: the slot is
// decided again.
void Scheduler::disarm_strays(Instant now) {
  const auto late = runner_.take_late(now);
  std::vector<std::string> names;
  {
    const std::lock_guard lock(mutex_);
    for (const Runner::Task& task : late) strays_.push_back(task.job->name);
    names = strays_;
  }
  if (names.empty()) return;
  const auto rows = ledger_.write([&](store::Tx& tx) {
    std::vector<decisions::JobRow> out;
    for (const std::string& name : names) {
      decisions::disarm(tx, name, [this](std::int64_t run) { return runner_.has_begun(run); });
      if (auto row = decisions::find(tx, name)) out.push_back(std::move(*row));
    }
    return out;
  });
  const std::lock_guard lock(mutex_);
  std::erase_if(strays_, [&](const std::string& name) { return std::ranges::find(names, name) != names.end(); });
  for (const auto& row : rows) refresh(row);
}

void Scheduler::record_beginnings() {
  const auto beginnings = runner_.unrecorded();
  if (beginnings.empty()) return;
  ledger_.write([&](store::Tx& tx) {
    for (const auto& [fence, at] : beginnings) runs::began(tx, fence, at);
  });
  runner_.recorded(beginnings);
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
  if (ended.next) hand_over(*ended.next, ended.job->name);
  ++endings_;
  clock_.ring(ended_bell_);
  if (!ended.retry_at) return;
  starts_.set(ended.job->name, std::min(*ended.retry_at, starts_.at(ended.job->name).value_or(time::never)));
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
  if (!slot) return slots_.set(name, {});
  const Instant due = slot->at + job.delay;
  const bool ahead = options_.ahead > Millis{0} && ledger_.engine() == store::Engine::sqlite;
  slots_.set(name, ahead ? Instant(std::chrono::floor<Together>((due - options_.ahead).time_since_epoch())) : due);
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
