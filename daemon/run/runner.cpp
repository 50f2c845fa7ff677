#include "daemon/run/runner.hpp"

#include <algorithm>

namespace supportd::run {
namespace {

using namespace std::chrono_literals;

// How long a run may have gone on before the ledger is told that it began, at the next of these instants. Most ends and
// beginnings are one record.
constexpr Millis record_after = 5ms;

Instant look_after(Instant began) {
  const auto due = (began + record_after).time_since_epoch();
  return Instant((due + record_after - 1ms) / record_after * record_after);
}

}  // namespace

Runner::Runner(store::Ledger& ledger, time::Clock& clock, observe::Log& log, std::string owner, Events events)
    : ledger_(ledger), clock_(clock), log_(log), owner_(std::move(owner)), events_(std::move(events)) {}

Runner::~Runner() { stop(Instant::min()); }

void Runner::start(int workers) {
  recorder_ = clock_.spawn("run ends", [this] { record_ends(); });
  for (int i = 0; i < workers; ++i) {
    time::Bell& bell = bells_.emplace_back();
    workers_.push_back(clock_.spawn("run " + std::to_string(i + 1), [this, &bell] { work(bell); }));
  }
}

void Runner::hand_over(Task task) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;  // it stays queued in the ledger
  if (running_.contains(task.run) || !queued_.insert(task.run).second) return;
  if (!task.armed) {
    queue_.push_back(std::move(task));
    return call_one();
  }
  const Instant at = task.armed->start_at;
  armed_.emplace(at, std::move(task));
  if (!is_kept(clock_.now())) call_one();
}

std::vector<Runner::Task> Runner::take_back(const std::function<bool(const Task&)>& which) {
  const std::lock_guard lock(mutex_);
  std::vector<Task> out;
  std::erase_if(armed_, [&](const auto& one) {
    if (!which(one.second)) return false;
    queued_.erase(one.second.run);
    out.push_back(one.second);
    return true;
  });
  return out;
}

std::vector<Runner::Task> Runner::take_late(Instant now) {
  const std::lock_guard lock(mutex_);
  std::vector<Task> out;
  while (!armed_.empty() && armed_.begin()->first + too_late <= now) {
    out.push_back(std::move(armed_.extract(armed_.begin()).mapped()));
    queued_.erase(out.back().run);
  }
  return out;
}

std::optional<Instant> Runner::armed_slot(const std::string& job) const {
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find_if(armed_, [&](const auto& one) { return one.second.job->name == job; });
  return found == armed_.end() ? std::nullopt : found->second.armed->slot;
}

bool Runner::has_begun(std::int64_t run) const {
  const std::lock_guard lock(mutex_);
  return running_.contains(run);
}

std::vector<Runner::Beginning> Runner::unrecorded() const {
  const Instant before = clock_.now() - record_after;
  const std::lock_guard lock(mutex_);
  std::vector<Beginning> out;
  for (const auto& [run, state] : running_) {
    if (state.unrecorded && state.unrecorded->at <= before) out.push_back(*state.unrecorded);
  }
  return out;
}

void Runner::recorded(const std::vector<Beginning>& beginnings) {
  const std::lock_guard lock(mutex_);
  for (const Beginning& one : beginnings) {
    if (const auto found = running_.find(one.fence.run()); found != running_.end()) found->second.unrecorded.reset();
  }
}

std::optional<Instant> Runner::next_look() const {
  const Instant now = clock_.now();
  const std::lock_guard lock(mutex_);
  std::optional<Instant> first;
  const auto see = [&](Instant at) { first = std::min(first.value_or(at), at); };
  for (const auto& [run, state] : running_) {
    if (state.unrecorded) see(look_after(state.unrecorded->at));
  }
  if (const auto next = armed_.upper_bound(now - record_after); next != armed_.end()) see(look_after(next->first));
  if (!armed_.empty()) see(armed_.begin()->first + too_late);
  return first;
}

std::optional<std::chrono::nanoseconds> Runner::next_expiry() const {
  const std::lock_guard lock(mutex_);
  std::optional<std::chrono::nanoseconds> first;
  for (const auto& [run, state] : running_) {
    if (state.why == Why::none) first = std::min(first.value_or(state.expires), state.expires);
  }
  return first;
}

void Runner::expire() {
  const auto now = clock_.steady();
  std::vector<std::stop_source> late;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [run, state] : running_) {
      if (state.why != Why::none || state.expires > now) continue;
      state.why = Why::timeout;
      late.push_back(state.stop);
    }
  }
  for (auto& stop : late) stop.request_stop();  // callbacks of the job run here: not under our lock
}

bool Runner::cancel(std::int64_t run) {
  std::stop_source stop;
  {
    const std::lock_guard lock(mutex_);
    const auto found = running_.find(run);
    if (found == running_.end()) return false;
    if (found->second.why == Why::none) found->second.why = Why::cancelled;
    stop = found->second.stop;
  }
  stop.request_stop();
  return true;
}

std::vector<std::int64_t> Runner::running() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::int64_t> out;
  for (const auto& [run, state] : running_) out.push_back(run);
  return out;
}

std::size_t Runner::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void Runner::stop(Instant deadline) {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  queue_.clear();
  armed_.clear();
  queued_.clear();
  clock_.ring(bell_);
  for (time::Bell& bell : bells_) clock_.ring(bell);
  while (!running_.empty() && !hurried_ && clock_.now() < deadline) clock_.wait(lock, bell_, deadline);
  ended_all_ = true;
  tell_all_to_stop(lock);
  clock_.ring(bell_);
  lock.unlock();
  workers_.clear();
  lock.lock();
  closing_ = true;
  clock_.ring(finished_bell_);
  lock.unlock();
  recorder_.reset();
}

void Runner::hurry() {
  const std::lock_guard lock(mutex_);
  hurried_ = true;
  clock_.ring(bell_);
}

void Runner::clock_was_set() {
  const std::lock_guard lock(mutex_);
  for (time::Bell& bell : bells_) clock_.ring(bell);
}

void Runner::tell_all_to_stop(std::unique_lock<std::mutex>& held) {
  std::vector<std::stop_source> all;
  for (auto& [run, state] : running_) {
    if (state.why == Why::none) state.why = Why::shutdown;
    all.push_back(state.stop);
  }
  held.unlock();
  for (auto& stop : all) stop.request_stop();
  held.lock();
}

// The first that may still begin.
Runner::Armed::const_iterator Runner::first_armed(Instant now) const { return armed_.upper_bound(now - too_late); }

std::optional<Runner::Task> Runner::take_due(Instant now) {
  std::optional<Task> task;
  if (const auto first = first_armed(now); first != armed_.end() && first->first <= now) {
    task = std::move(armed_.extract(first).mapped());
  } else if (!queue_.empty()) {
    task = std::move(queue_.front());
    queue_.pop_front();
  } else {
    return {};
  }
  queued_.erase(task->run);
  return task;
}

bool Runner::is_kept(Instant now) const {
  const auto first = first_armed(now);
  return first == armed_.end() || std::ranges::any_of(idle_, [&](const Idle& it) { return it.until <= first->first; });
}

// The first armed run's instant that no idle worker waits for.
Instant Runner::next_unkept(Instant now) const {
  std::vector<Instant> kept;
  for (const Idle& it : idle_) kept.push_back(it.until);
  for (auto armed = first_armed(now); armed != armed_.end(); ++armed) {
    const auto same = std::ranges::find(kept, armed->first);
    if (same == kept.end()) return armed->first;
    kept.erase(same);
  }
  return time::never;
}

// Each idle worker waits for an instant of its own, so that none wakes another before it begins its run.
void Runner::idle(std::unique_lock<std::mutex>& held, time::Bell& bell, Instant now) {
  const Instant until = next_unkept(now);
  idle_.push_back({&bell, until});
  clock_.wait(held, bell, until);
  std::erase_if(idle_, [&](const Idle& it) { return it.bell == &bell; });
}

// The one that would be needed last.
void Runner::call_one() {
  const auto last = std::ranges::max_element(idle_, {}, &Idle::until);
  if (last == idle_.end()) return;
  time::Bell& bell = *last->bell;
  idle_.erase(last);
  clock_.ring(bell);
}

void Runner::work(time::Bell& bell) {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const Instant now = clock_.now();
    const auto task = take_due(now);
    if (!task) {
      idle(lock, bell, now);
      continue;
    }
    Running running{.stop = {}, .expires = clock_.steady() + task->job->timeout};
    if (task->armed) running.unrecorded = Beginning{Fence(task->run, task->armed->fence), now};
    // Somebody else keeps the time and sees to what waits.
    if (!queue_.empty() || !is_kept(now)) call_one();
    const std::stop_source stop = running.stop;
    running_.emplace(task->run, std::move(running));
    lock.unlock();
    execute(*task, now, stop);
    lock.lock();
  }
}

std::optional<RunRow> Runner::start(const Task& task, Instant taken) {
  std::optional<RunRow> row = task.armed;
  if (row) {
    row->started = taken;
    return row;
  }
  const bool recorded = record(
      [&] { row = ledger_.write([&](store::Tx& tx) { return runs::start(tx, task.run, owner_, clock_.now()); }); });
  return recorded ? row : std::nullopt;
}

void Runner::execute(const Task& task, Instant taken, const std::stop_source& stop) {
  const std::optional<RunRow> row = start(task, taken);
  if (!row) {
    const std::lock_guard lock(mutex_);
    running_.erase(task.run);
    clock_.ring(bell_);
    return;
  }
  task.series->started(*row->started);
  // Whoever armed it looks at its instant anyway.
  if (!task.armed || *row->started > row->start_at + record_after) events_.began();
  const auto began = clock_.steady();
  Result result = call(task, *row, stop);
  const Millis took = std::chrono::floor<Millis>(clock_.steady() - began);
  const std::lock_guard lock(mutex_);
  running_.at(task.run).unrecorded.reset();  // is recorded with the end
  finished_.push_back({task, *row, std::move(result), took});
  clock_.ring(finished_bell_);
}

Runner::Result Runner::call(const Task& task, const RunRow& row, const std::stop_source& stop) {
  Result result;
  bool threw_stop = false;
  try {
    const Arguments arguments = runs::parse_arguments(row.arguments);
    JobContext context{.slot = row.slot.value_or(row.created),
                       .clock = clock_,
                       .stop = stop.get_token(),
                       .ledger = ledger_,
                       .log = log_,
                       .arguments = arguments,
                       .dry_run = row.dry_run,
                       .fence = Fence(row.id, row.fence),
                       .config = task.config};
    result.ending.report = task.job->kind->run(context);
  } catch (const Error& error) {
    threw_stop = error.kind() == ErrorKind::stopped;
    result.kind = error.kind();
    result.retry_after = error.retry_after();
    result.ending.outcome = Outcome::failed;
    result.ending.error = error.what();
  } catch (const std::exception& error) {
    result.ending.outcome = Outcome::failed;
    result.ending.error = error.what();
  }
  Why why = Why::none;
  {
    const std::lock_guard lock(mutex_);
    why = running_.at(task.run).why;
  }
  settle(result, threw_stop, why);
  return result;
}

// A run that was told to stop may still have finished; only a timeout is held against it all the same, because nobody
// knows what it left out.
void Runner::settle(Result& result, bool threw_stop, Why why) const {
  switch (why) {
    case Why::none: return;
    case Why::timeout:
      result.ending.outcome = Outcome::timeout;
      if (result.ending.error.empty()) result.ending.error = "took longer than its timeout";
      return;
    case Why::cancelled:
      if (threw_stop) result.ending.outcome = Outcome::cancelled;
      return;
    case Why::shutdown: result.put_back = threw_stop; return;
  }
}

}  // namespace supportd::run
