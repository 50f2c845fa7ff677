// How a scheduler shows that it lives, and takes over from those that do not (rule 24).
#include "daemon/run/retry.hpp"
#include "daemon/run/scheduler.hpp"

namespace supportd::run {

void Scheduler::keep_lease(Instant now) {
  if (ledger_.engine() == store::Engine::sqlite) {  // no other daemon can have the file open
    lease_due_ = time::never;
    pick_up_orphans(now);
    return;
  }
  claiming_ = ledger_.write([&](store::Tx& tx) {
    const bool agrees = clock_agrees(tx, now);
    if (agrees) runs::renew_lease(tx, options_.owner, options_.lease);
    return agrees;
  });
  lease_due_ = now + options_.lease / 3;
  if (claiming_) pick_up_orphans(now);
}

bool Scheduler::clock_agrees(store::Tx& tx, Instant now) {
  return !options_.most_skew || std::chrono::abs(tx.lease_now() - now) <= *options_.most_skew;
}

void Scheduler::pick_up_orphans(Instant now) {
  const auto seen = ledger_.read([&](store::Tx& tx) { return runs::orphans(tx, options_.owner); });
  if (seen.empty()) return;
  std::vector<std::string> jobs;
  ledger_.write([&](store::Tx& tx) {
    jobs.clear();
    for (const RunRow& orphan : runs::orphans(tx, options_.owner)) {
      pick_up(tx, orphan, now);
      jobs.push_back(orphan.job);
    }
  });
  for (const RunRow& orphan : seen) {
    log_.warning("picked up a run of a daemon that is gone",
                 {{"job", orphan.job}, {"run", orphan.id}, {"state", to_text(orphan.state)}, {"owner", orphan.owner}});
  }
  const auto waiting = ledger_.read([&](store::Tx& tx) { return runs::waiting(tx, options_.owner); });
  const std::lock_guard lock(mutex_);
  for (const auto& [start_at, job] : waiting) {
    if (start_at < starts_.at(job).value_or(time::never)) starts_.set(job, start_at);
  }
}

void Scheduler::pick_up(store::Tx& tx, const RunRow& orphan, Instant now) {
  std::shared_ptr<const Job> job;
  std::shared_ptr<JobSeries> series;
  {
    const std::lock_guard lock(mutex_);
    if (const auto entry = entries_.find(orphan.job); entry != entries_.end()) {
      job = entry->second.job;
      series = entry->second.series;
    }
  }
  if (orphan.state == RunState::queued) {
    if (job) {
      runs::take_over(tx, orphan.id, options_.owner);
    } else {
      runs::cancel(tx, orphan.id, "its job is no longer configured", now);
    }
    return;
  }
  if (!runs::declare_lost(tx, orphan, now) || !job) return;
  tx.after_commit([series, now] { series->ended(Outcome::lost, now, Millis{0}); });
  if (auto retry = retry_of(*job, orphan, {}, {}, now)) {
    retry->owner = options_.owner;
    runs::add(tx, *retry);
  }
}

}  // namespace supportd::run
