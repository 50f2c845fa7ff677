#include "daemon/run/runner.hpp"

#include <algorithm>

#include "daemon/run/each.hpp"
#include "daemon/run/retry.hpp"

namespace supportd::run {
namespace {

using namespace std::chrono_literals;

constexpr Millis ledger_patience = 1s;

}  // namespace

Runner::Runner(store::Ledger& ledger, time::Clock& clock, observe::Log& log, std::string owner, Events events)
    : ledger_(ledger), clock_(clock), log_(log), owner_(std::move(owner)), events_(std::move(events)) {}

Runner::~Runner() { stop(Instant::min()); }

void Runner::start(int workers) {
  for (int i = 0; i < workers; ++i) {
    workers_.push_back(clock_.spawn("run " + std::to_string(i + 1), [this] { work(); }));
  }
}

void Runner::hand_over(Task task) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;  // it stays queued in the ledger
  if (running_.contains(task.run) || !queued_.insert(task.run).second) return;
  queue_.push_back(std::move(task));
  clock_.ring(bell_);
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
  queued_.clear();
  clock_.ring(bell_);
  while (!running_.empty() && !hurried_ && clock_.now() < deadline) clock_.wait(lock, bell_, deadline);
  ended_all_ = true;
  tell_all_to_stop(lock);
  clock_.ring(bell_);
  lock.unlock();
  workers_.clear();
}

void Runner::hurry() {
  const std::lock_guard lock(mutex_);
  hurried_ = true;
  clock_.ring(bell_);
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

void Runner::work() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (queue_.empty()) {
      clock_.wait(lock, bell_);
      continue;
    }
    const Task task = std::move(queue_.front());
    queue_.pop_front();
    queued_.erase(task.run);
    running_.emplace(task.run, Running{.stop = {}, .expires = clock_.steady() + task.job->timeout});
    lock.unlock();
    execute(task);
    lock.lock();
    running_.erase(task.run);
    clock_.ring(bell_);
  }
}

void Runner::execute(const Task& task) {
  std::optional<RunRow> row;
  const bool recorded = record(
      [&] { row = ledger_.write([&](store::Tx& tx) { return runs::start(tx, task.run, owner_, clock_.now()); }); });
  if (!recorded || !row) return;
  std::stop_source stop;
  {
    const std::lock_guard lock(mutex_);
    stop = running_.at(task.run).stop;
  }
  task.series->started(*row->started);
  events_.began();
  const auto began = clock_.steady();
  const Result result = call(task, *row, stop);
  conclude(task, *row, result, std::chrono::floor<Millis>(clock_.steady() - began));
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

bool Runner::record(const std::function<void()>& write) {
  for (;;) {
    try {
      write();
      return true;
    } catch (const std::exception& error) {
      if (means_stop(error)) return false;
      log_.error("a run cannot be recorded, trying again", {{"error", error.what()}});
    }
    std::unique_lock lock(mutex_);
    if (ended_all_) return false;
    clock_.wait(lock, bell_, clock_.now() + ledger_patience);
  }
}

void Runner::conclude(const Task& task, const RunRow& row, const Result& result, Millis took) {
  const Fence fence(row.id, row.fence);
  const runs::Ending& ending = result.ending;
  const bool retries = ending.outcome == Outcome::failed || ending.outcome == Outcome::timeout;
  Ended ended;
  bool ours = false;
  Instant now;
  const bool recorded = record([&] {
    ledger_.write([&](store::Tx& tx) {
      now = clock_.now();
      ended = {.job = task.job, .run = row.id, .retry_at = {}, .next = {}};
      if (result.put_back) return runs::put_back(tx, fence, now);
      ours = runs::finish(tx, fence, ending, now);
      if (!ours) return;
      const auto retry = retries ? retry_of(*task.job, row, result.kind, result.retry_after, now) : std::nullopt;
      if (retry) {
        runs::add(tx, *retry);
        ended.retry_at = retry->start_at;
      }
      if (const auto next = runs::next(tx, row.job, now)) {
        runs::take_over(tx, next->id, owner_);  // whoever queued it, we are here and free
        ended.next = next->id;
      }
    });
  });
  observe::Fields fields{{"job", row.job}, {"run", row.id}, {"outcome", to_text(ending.outcome)}, {"took", took}};
  if (!ending.report.summary.empty()) fields.emplace_back("summary", ending.report.summary);
  if (!ending.error.empty()) fields.emplace_back("error", ending.error);
  if (!recorded || result.put_back) {
    task.series->put_back();
    log_.warning("run did not finish and is still owed", fields);
    return;
  }
  if (!ours) {
    task.series->put_back();
    log_.warning("run was taken over by another daemon", fields);
    return;
  }
  task.series->ended(ending.outcome, now, took);
  if (ending.outcome == Outcome::ok) {
    log_.info("run ended", fields);
  } else {
    log_.error("run ended", fields);
  }
  events_.ended(ended);
}

}  // namespace supportd::run
