// How runs ended: recorded many at once on a thread of its own, so that no worker waits for the ledger.
#include <algorithm>

#include "daemon/run/each.hpp"
#include "daemon/run/retry.hpp"
#include "daemon/run/runner.hpp"

namespace supportd::run {
namespace {

using namespace std::chrono_literals;

constexpr Millis ledger_patience = 1s;
constexpr std::size_t most_a_transaction = 100;

}  // namespace

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

void Runner::record_ends() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (finished_.empty()) {
      if (closing_) return;
      clock_.wait(lock, finished_bell_);
      continue;
    }
    const auto end = finished_.begin() + static_cast<std::ptrdiff_t>(std::min(finished_.size(), most_a_transaction));
    const std::vector<Finished> batch(std::make_move_iterator(finished_.begin()), std::make_move_iterator(end));
    finished_.erase(finished_.begin(), end);
    lock.unlock();
    auto failed = conclude(batch);
    lock.lock();
    for (const Finished& run : batch) {
      const auto same = [&](const Finished& other) { return other.row.id == run.row.id; };
      if (ended_all_ || std::ranges::none_of(failed, same)) running_.erase(run.row.id);
    }
    clock_.ring(bell_);
    if (failed.empty() || ended_all_) continue;
    std::ranges::move(failed, std::back_inserter(finished_));
    clock_.wait(lock, bell_, clock_.now() + ledger_patience);
  }
}

// Those that could not be recorded.
std::vector<Runner::Finished> Runner::conclude(const std::vector<Finished>& batch) {
  std::map<std::int64_t, Conclusion> done;
  const bool written = record([&] {
    ledger_.write([&](store::Tx& tx) {
      done.clear();
      each(
          batch, [&](const Finished& run) { tx.attempt([&] { done[run.row.id] = conclude(tx, run); }); },
          [&](const Finished& run, const std::exception& error) {
            log_.error("a run cannot be recorded, trying again", {{"run", run.row.id}, {"error", error.what()}});
          });
    });
  });
  std::vector<Finished> failed;
  for (const Finished& run : batch) {
    const auto found = done.find(run.row.id);
    if (written && found == done.end()) {
      failed.push_back(run);
    } else {
      tell(run, written ? found->second : Conclusion{});
    }
  }
  return failed;
}

Runner::Conclusion Runner::conclude(store::Tx& tx, const Finished& run) {
  const Fence fence(run.row.id, run.row.fence);
  const runs::Ending& ending = run.result.ending;
  Conclusion out{.at = clock_.now(), .recorded = true};
  out.ended = {.job = run.task.job, .run = run.row.id, .retry_at = {}, .next = {}};
  if (run.task.armed) runs::began(tx, fence, *run.row.started);
  if (run.result.put_back) {
    runs::put_back(tx, fence, out.at);
    return out;
  }
  out.ours = runs::finish(tx, fence, ending, out.at);
  if (!out.ours) return out;
  const bool retries = ending.outcome == Outcome::failed || ending.outcome == Outcome::timeout;
  const auto retry =
      retries ? retry_of(*run.task.job, run.row, run.result.kind, run.result.retry_after, out.at) : std::nullopt;
  if (retry) {
    runs::add(tx, *retry);
    out.ended.retry_at = retry->start_at;
  }
  if (const auto next = runs::next(tx, run.row.job, out.at)) {
    runs::take_over(tx, next->id, owner_);  // whoever queued it, we are here and free
    out.ended.next = next->id;
  }
  return out;
}

void Runner::tell(const Finished& run, const Conclusion& conclusion) {
  const runs::Ending& ending = run.result.ending;
  observe::Fields fields{
      {"job", run.row.job}, {"run", run.row.id}, {"outcome", to_text(ending.outcome)}, {"took", run.took}};
  if (!ending.report.summary.empty()) fields.emplace_back("summary", ending.report.summary);
  if (!ending.error.empty()) fields.emplace_back("error", ending.error);
  if (!conclusion.recorded || run.result.put_back) {
    run.task.series->put_back();
    log_.warning("run did not finish and is still owed", fields);
    return;
  }
  if (!conclusion.ours) {
    run.task.series->put_back();
    log_.warning("run was taken over by another daemon", fields);
    return;
  }
  run.row.dry_run ? run.task.series->put_back() : run.task.series->ended(ending.outcome, conclusion.at, run.took);
  if (ending.outcome == Outcome::ok) {
    log_.info("run ended", fields);
  } else {
    log_.error("run ended", fields);
  }
  events_.ended(conclusion.ended);
}

}  // namespace supportd::run
