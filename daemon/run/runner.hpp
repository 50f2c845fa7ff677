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
#include "daemon/run/slots.hpp"

namespace supportd::run {

class Runner {
 public:
  struct Task {
    std::int64_t run = 0;  // queued in the ledger, unless armed
    std::shared_ptr<const Job> job;
    std::shared_ptr<JobSeries> series;
    std::shared_ptr<const config::Config> config;
    // Begins at its start_at, never earlier, and not after `too_late`; the ledger hears of it afterwards.
    std::optional<RunRow> armed{};
  };
  struct Beginning {
    Fence fence;
    Instant at;
  };
  struct Ended {
    std::shared_ptr<const Job> job;
    std::int64_t run = 0;
    std::optional<Instant> retry_at;   // of the retry that was queued
    std::optional<std::int64_t> next;  // a run of the job that may start now
  };

  // Called on a thread of the runner's, without locks.
  struct Events {
    std::function<void()> began;  // next_expiry may have changed
    std::function<void(const Ended&)> ended;
  };

  Runner(store::Ledger& ledger, time::Clock& clock, observe::Log& log, std::string owner, Events events);
  ~Runner();

  void start(int workers);
  // A run that is here already is not taken twice.
  void hand_over(Task task);
  // Armed runs that have not begun: they will not.
  std::vector<Task> take_back(const std::function<bool(const Task&)>& which);
  // Those whose time to begin is over.
  std::vector<Task> take_late(Instant now);
  std::optional<Instant> armed_slot(const std::string& job) const;
  bool has_begun(std::int64_t run) const;

  // An armed run that ends at once needs no record of its beginning besides; of those that go on, here they are, until
  // `recorded`. `next_look` is when there may be some, or an armed run that was not begun in time.
  std::vector<Beginning> unrecorded() const;
  void recorded(const std::vector<Beginning>& beginnings);
  std::optional<Instant> next_look() const;
  static constexpr Millis too_late = punctual;

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
  // Workers that wait for an armed run look anew how far off it is.
  void clock_was_set();

 private:
  enum class Why { none, timeout, cancelled, shutdown };
  struct Running {
    std::stop_source stop;
    std::chrono::nanoseconds expires;
    Why why = Why::none;
    std::optional<Beginning> unrecorded{};
  };
  struct Result {
    runs::Ending ending;
    std::optional<ErrorKind> kind;
    std::optional<Millis> retry_after;
    bool put_back = false;
  };

  struct Finished {
    Task task;
    RunRow row;
    Result result;
    Millis took;
  };
  struct Conclusion {
    Ended ended{};
    Instant at{};
    bool ours = false;
    bool recorded = false;
  };
  using Armed = std::multimap<Instant, Task>;  // by start_at
  struct Idle {
    time::Bell* bell;
    Instant until;  // of an armed run, or never
  };

  void work(time::Bell& bell);
  void execute(const Task& task, Instant taken, const std::stop_source& stop);
  std::optional<RunRow> start(const Task& task, Instant taken);
  Result call(const Task& task, const RunRow& row, const std::stop_source& stop);
  void settle(Result& result, bool threw_stop, Why why) const;
  void record_ends();
  std::vector<Finished> conclude(const std::vector<Finished>& batch);
  Conclusion conclude(store::Tx& tx, const Finished& run);
  void tell(const Finished& run, const Conclusion& conclusion);
  // Repeats until the ledger takes it. False when the daemon ends first.
  bool record(const std::function<void()>& write);
  void tell_all_to_stop(std::unique_lock<std::mutex>& held);

  // REQUIRES: mutex_ held.
  std::optional<Task> take_due(Instant now);
  Armed::const_iterator first_armed(Instant now) const;
  void idle(std::unique_lock<std::mutex>& held, time::Bell& bell, Instant now);
  void call_one();
  // Whether somebody waits for the first armed run's instant, or there is none.
  bool is_kept(Instant now) const;
  Instant next_unkept(Instant now) const;

  store::Ledger& ledger_;
  time::Clock& clock_;
  observe::Log& log_;
  const std::string owner_;
  const Events events_;

  mutable std::mutex mutex_;
  time::Bell bell_;
  std::deque<Task> queue_;                   // guarded
  Armed armed_;                              // guarded
  std::unordered_set<std::int64_t> queued_;  // guarded: the runs in queue_ and armed_
  std::map<std::int64_t, Running> running_;  // guarded: until their end is recorded
  std::deque<Finished> finished_;            // guarded: to be recorded
  bool stopping_ = false;                    // guarded: nothing more begins
  bool hurried_ = false;                     // guarded
  bool ended_all_ = false;                   // guarded: even the ledger is not waited for
  std::vector<Idle> idle_;                   // guarded: workers with nothing to do
  bool closing_ = false;                     // guarded: the workers are gone
  std::deque<time::Bell> bells_;             // a worker's each
  time::Bell finished_bell_;
  std::vector<std::unique_ptr<time::Thread>> workers_;
  // So that no worker waits for the ledger when the next run is due; many ends are one transaction.
  std::unique_ptr<time::Thread> recorder_;
};

}  // namespace supportd::run
