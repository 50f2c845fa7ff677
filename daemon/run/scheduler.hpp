// Decides slots when they come due, fires deadlines, and hands runs to the runner: one thread that sleeps until the
// next instant something is known to happen. Several daemons may do so on one PostgreSQL ledger. Thread-safe.
#pragma once

#include <map>
#include <mutex>

#include "daemon/observe/pulse.hpp"
#include "daemon/observe/trouble.hpp"
#include "daemon/run/clock_watch.hpp"
#include "daemon/run/deadlines.hpp"
#include "daemon/run/runner.hpp"
#include "daemon/run/timetable.hpp"

namespace supportd::run {

struct SchedulerOptions {
  std::string owner{};  // unique to this start among the daemons on one ledger: what others left open is lost
  int workers = 8;
  Millis lease{std::chrono::seconds{60}};
  // Against the database's clock; beyond it nothing is claimed (rule 24). None: not compared.
  std::optional<Millis> most_skew = std::chrono::seconds{1};
  Millis keep_decisions{std::chrono::days{90}};
  // How long before its instant a slot is decided that nothing stands in the way of, so that the ledger does not delay
  // the run. Not on PostgreSQL, where another daemon may pause the job or change its schedule meanwhile.
  Millis ahead{1000};
  // Whether somebody keeps the clock right, so that a jump may be believed; none: nobody.
  std::function<bool()> synchronised{};
};

struct JobSet {
  JobConfigs jobs{};
  std::vector<RunOnce> once{};
  std::shared_ptr<const config::Config> config{};
};

struct JobStatus {
  std::string name{}, kind{}, schedule{}, zone{};
  std::optional<Instant> next{};      // the next slot, before jitter
  Millis delay{0};                    // by jitter
  std::optional<Instant> next_run{};  // of a slot after the pause, with jitter; none: not until somebody changes that
  std::optional<Instant> paused_until{};
  std::string pause_reason{}, paused_by{};
  std::optional<Instant> last_start{}, last_completion{}, last_success{};
  bool outranked = false;  // another daemon knows a newer schedule and claims its slots
};

// What a reload would change about a job.
struct JobChange {
  enum class What { added, removed, changed };
  std::string job{};
  What what = What::changed;
  std::optional<Instant> next_before{}, next_after{};  // as JobStatus::next_run
};

class Scheduler {
 public:
  // What belongs into the transaction of a change: its audit.
  using Along = std::function<void(store::Tx&)>;

  Scheduler(store::Ledger& ledger, time::Clock& clock, observe::Log& log, observe::Metrics& metrics,
            observe::Pulses& pulses, Deadlines& deadlines, JobKinds kinds, SchedulerOptions options);
  ~Scheduler();

  // Of runs and decisions; those of Deadlines come besides.
  static std::vector<store::Migration> migrations();

  // reload() and begin().
  void start(const JobSet& set);
  // Picks up what an earlier process left open and runs what is due. REQUIRES reload.
  void begin();
  // All or nothing; `along` is written in the same transaction. Running jobs finish on what they began with. Throws
  // Error{config} on a flawed job, {refused} on a run_once id used again for something else.
  void reload(const JobSet& set, const Along& along = {});
  std::vector<JobChange> plan(const JobConfigs& jobs) const;
  // Drains: what runs may finish until `deadline`; what did not is still owed.
  void stop(Instant deadline);
  // From another thread: a stop under way waits no longer.
  void hurry() { runner_.hurry(); }
  // From another thread: it is noticed at once; otherwise within the ten seconds that a wait may last.
  void clock_was_set();

  // Throw Error{gone} for an unknown job or run, naming what exists.
  // `along` is written in the transaction of the change. resume() throws {conflict} for a job that the configuration
  // pauses.
  void pause(const std::string& job, Instant until, const std::string& reason, const std::string& actor,
             const Along& along = {});
  void resume(const std::string& job, const Along& along = {});
  std::int64_t trigger(const std::string& job, const decisions::Asked& asked, const Along& along = {});
  std::optional<std::string> job_of_signal(int signal_slot) const;
  // Stops a run of this daemon, or takes back one that is queued.
  // `along` is written when the run is taken back, or with the wish to stop it.
  void cancel(std::int64_t run, const std::string& why, const Along& along = {});
  // The run when it is done; as it is at `until` otherwise.
  RunRow wait(std::int64_t run, Instant until);
  // The clock is right after a jump forward: what it jumped over is skipped as a gap. Accepted without being asked once
  // the clock is synchronised.
  void accept_clock(const Along& along = {});
  bool clock_is_lost() const;

  std::vector<JobStatus> jobs() const;
  // For SIGUSR1.
  std::string dump() const;
  // What keeps it from its work.
  const observe::Trouble& trouble() const { return trouble_; }

 private:
  struct Entry {
    std::shared_ptr<const Job> job;
    std::shared_ptr<JobSeries> series;
    decisions::JobRow row;
    std::int64_t version = 0;  // of the schedule this daemon has
  };
  using Entries = std::map<std::string, Entry>;

  // An operator changes something: while it lives, no slot is decided ahead, and runs that were and have not begun
  // (of `job`; empty: of all) do not begin. They go on afterwards, unless they were taken back in the ledger.
  class Hold {
   public:
    Hold(Scheduler& scheduler, const std::string& job);
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    void disarm(store::Tx& tx, const std::string& job);
    // The ledger took it: what was disarmed or cancelled is forgotten.
    void done() { tasks_.clear(); }
    void forget(std::int64_t run);

   private:
    Scheduler& scheduler_;
    std::vector<Runner::Task> tasks_;
  };
  struct Pending {
    std::shared_ptr<const Job> job;
    std::shared_ptr<JobSeries> series;
    decisions::JobRow seen;
    Instant due;
    std::optional<Slot> ahead{};  // decided before it is due
    SlotPlan plan{};
  };
  struct Result {
    decisions::Decided decided;
    bool failed = false;
  };

  void halt(Instant deadline);
  void loop();
  Instant tick();
  Instant work(Instant now);
  Instant next_wake(Instant now) const;
  bool clock_is_credible(Instant now);
  void accept_synchronised();
  std::size_t decide(Instant now);
  std::vector<Pending> due_slots(Instant now);
  std::vector<Result> record(const std::vector<Pending>& batch, Instant now);
  void apply(const Pending& pending, const Result& result, Instant now);
  void disarm_strays(Instant now);
  void record_beginnings();
  std::size_t start_waiting(Instant now);
  void start_next(const std::vector<std::string>& jobs, Instant now);
  void keep_lease(Instant now);
  bool clock_agrees(store::Tx& tx, Instant now);
  void pick_up_orphans(Instant now);
  void pick_up(store::Tx& tx, const RunRow& orphan, Instant now);
  void prune(Instant now);
  void run_ended(const Runner::Ended& ended);
  void wake();

  void change_row(const std::string& job, const std::function<decisions::JobRow(store::Tx&)>& change,
                  const Along& along);

  std::optional<Instant> slot_to_come(const Entry& entry) const;
  // REQUIRES: mutex_ held.
  void reschedule(const std::string& name, Entry& entry);
  void refresh(const decisions::JobRow& row);
  void arm(const Pending& pending, const Result& result);
  void hand_over(std::int64_t run, const std::string& job);
  std::shared_ptr<const Job> require_job(const std::string& name) const;

  store::Ledger& ledger_;
  time::Clock& clock_;
  observe::Log& log_;
  observe::Metrics& metrics_;
  observe::Pulse& pulse_;
  observe::Trouble trouble_;
  Deadlines& deadlines_;
  const JobKinds kinds_;
  const SchedulerOptions options_;
  observe::Histogram& lag_;
  observe::Counter& forward_steps_;
  observe::Counter& backward_steps_;

  // Used by the scheduler's thread only, once it runs.
  Instant lease_due_ = Instant::min();
  Instant prune_due_ = Instant::min();
  bool claiming_ = true;

  mutable std::mutex mutex_;
  time::Bell bell_;        // something earlier, or the end
  time::Bell ended_bell_;  // some run ended
  bool woken_ = false;     // guarded, as is all below
  bool draining_ = false;
  bool ended_ = false;
  std::uint64_t endings_ = 0;  // of runs
  ClockWatch watch_;
  Entries entries_;
  std::shared_ptr<const config::Config> config_;
  int holds_ = 0;
  std::vector<std::string> strays_;  // jobs with a slot decided ahead that must be undecided again
  Timetable slots_;                  // jobs by the instant their next slot is looked at
  Timetable starts_;                 // jobs by the instant a queued run of theirs may start

  Runner runner_;
  std::unique_ptr<time::Thread> thread_;
};

}  // namespace supportd::run
