// Runs jobs on a small pool of threads and records how they ended. The only place that interprets what a job throws.
// Thread-safe.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <unordered_set>
#include <vector>

#include "daemon/run/job_series.hpp"
#include "daemon/run/runs.hpp"

namespace supportd::run {

class Runner {
 public:
  struct Task {
    std::int64_t run = 0;  // queued in the ledger
    std::shared_ptr<const Job> job;
    std::shared_ptr<JobSeries> series;
    std::shared_ptr<const config::Config> config;
  };
  struct Ended {
    std::shared_ptr<const Job> job;
    std::int64_t run = 0;
    std::optional<Instant> retry_at;   // of the retry that was queued
    std::optional<std::int64_t> next;  // a run of the job that may start now
  };

  // Called on a worker, without locks.
  struct Events {
    std::function<void()> began;  // next_expiry may have changed
    std::function<void(const Ended&)> ended;
  };

  Runner(store::Ledger& ledger, time::Clock& clock, observe::Log& log, std::string owner, Events events);
  ~Runner();

  void start(int workers);
  // A run that is here already is not taken twice.
  void hand_over(Task task);

  // Tells runs to stop that take longer than they may. `next_expiry` is when there is something to tell, by
  // Clock::steady.
  std::optional<std::chrono::nanoseconds> next_expiry() const;
  void expire();
  // False when this daemon does not run it now.
  bool cancel(std::int64_t run);
  std::vector<std::int64_t> running() const;
  std::size_t waiting() const;

  // Begins nothing more, waits for the running until `deadline`, then tells them to stop and waits for that. What did
  // not finish is queued again in the ledger.
  void stop(Instant deadline);
  // A stop under way waits no longer.
  void hurry();

 private:
  enum class Why { none, timeout, cancelled, shutdown };
  struct Running {
    std::stop_source stop;
    std::chrono::nanoseconds expires;
    Why why = Why::none;
  };
  struct Result {
    runs::Ending ending;
    std::optional<ErrorKind> kind;
    std::optional<Millis> retry_after;
    bool put_back = false;
  };

  void work();
  void execute(const Task& task);
  Result call(const Task& task, const RunRow& row, const std::stop_source& stop);
  void settle(Result& result, bool threw_stop, Why why) const;
  void conclude(const Task& task, const RunRow& row, const Result& result, Millis took);
  // Repeats until the ledger takes it. False when the daemon ends first.
  bool record(const std::function<void()>& write);
  void tell_all_to_stop(std::unique_lock<std::mutex>& held);

  store::Ledger& ledger_;
  time::Clock& clock_;
  observe::Log& log_;
  const std::string owner_;
  const Events events_;

  mutable std::mutex mutex_;
  time::Bell bell_;
  std::deque<Task> queue_;                   // guarded
  std::unordered_set<std::int64_t> queued_;  // guarded: the runs in queue_
  std::map<std::int64_t, Running> running_;  // guarded
  bool stopping_ = false;                    // guarded: nothing more begins
  bool hurried_ = false;                     // guarded
  bool ended_all_ = false;                   // guarded: even the ledger is not waited for
  std::vector<std::unique_ptr<time::Thread>> workers_;
};

}  // namespace supportd::run
