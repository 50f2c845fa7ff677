// Every nominal fire time of every job ends here in one recorded decision (rule 22): a run, or a place in a stretch of
// skipped slots. Whoever changes a job's row bumps its revision, so that of several daemons, each deciding from what
// it last saw, one succeeds and the rest look again.
#pragma once

#include <functional>
#include <vector>

#include "daemon/run/job.hpp"
#include "daemon/run/slots.hpp"

namespace supportd::run::decisions {

std::vector<store::Migration> migrations();

struct JobRow {
  std::string name{};
  std::int64_t revision = 0;
  std::int64_t version = 0;  // of its schedule; only the newest claims slots
  Instant decided_until{};
  std::optional<Instant> paused_until{};  // time::never: until somebody resumes it
  std::string pause_reason{}, paused_by{};
  std::optional<Instant> last_start{}, last_completion{}, last_success{};
  std::int64_t open_skip = 0;  // the stretch that the last decision belongs to; 0: it was a run
};
std::optional<JobRow> find(store::Tx& tx, const std::string& name);
// Names of the jobs that have a schedule in the ledger.
std::vector<std::string> scheduled(store::Tx& tx);

// The job as this daemon has it configured. Seen for the first time, or with another schedule, it starts at `now`:
// what the old schedule still owed is superseded.
JobRow adopt(store::Tx& tx, const Job& job, Instant now);
// Its schedule ends.
void retire(store::Tx& tx, const std::string& name, Instant now);

struct Decided {
  JobRow row{};                         // as it is now
  bool stale = false;                   // somebody else changed the row: nothing was decided
  std::vector<Stretch> skips{};         // recorded now
  std::vector<std::int64_t> runs{};     // made now
  std::optional<std::int64_t> ready{};  // the one of them that need not wait for an earlier run
  std::optional<RunRow> armed{};        // the run decided ahead
};
// Records `plan`, made from `seen`. Slots that find an earlier run still open are skipped or queued, by the job's
// overlap rule.
Decided record(store::Tx& tx, const Job& job, const JobRow& seen, const SlotPlan& plan, const std::string& owner,
               Instant now);
// Decides the slot after the last decided ahead of its instant: its run begins at `due` without asking the ledger
// again. Leaves it undecided when an earlier run is open or the job cannot afford it now.
Decided arm(store::Tx& tx, const Job& job, const JobRow& seen, const Slot& slot, Instant due, const std::string& owner,
            Instant now);
// A run that was decided ahead and has not begun is taken back: its slot is undecided again. `began` knows which have.
void disarm(store::Tx& tx, const std::string& name, const std::function<bool(std::int64_t run)>& began);
// An armed run that nobody wants. Its slot stays decided.
JobRow cancel_armed(store::Tx& tx, const RunRow& run, const std::string& why, Instant now);
// All slots in (decided_until, now] are skipped for `reason`.
JobRow skip_all(store::Tx& tx, const Job& job, Instant now, SkipReason reason);

// Slots before `until` are skipped; runs that are asked for still happen. Throws Error{gone} for an unknown job.
JobRow pause(store::Tx& tx, const std::string& name, Instant until, const std::string& reason,
             const std::string& actor);
JobRow resume(store::Tx& tx, const std::string& name);

struct Asked {
  Trigger trigger = Trigger::cli;
  std::string actor{}, reason{};
  Arguments arguments{};
  bool dry_run = false;
};
// A run outside the schedule, by the same overlap rule. Throws Error{refused} on wrong arguments, {conflict} when an
// earlier run is open and the job does not queue (or has queued one already).
std::int64_t ask(store::Tx& tx, const Job& job, const Asked& asked, const std::string& owner, Instant now);
// The run of that id, if there was one. Throws Error{refused} when the id was used for something else.
std::optional<std::int64_t> find_once(store::Tx& tx, const RunOnce& once);
// Once for ever for each id: later calls return the first one's run. Throws as find_once does.
std::int64_t ask_once(store::Tx& tx, const Job& job, const RunOnce& once, const std::string& owner, Instant now);

// Takes away up to `most` decisions older than `before`; returns how many.
long long prune(store::Tx& tx, Instant before, int most = 500);

}  // namespace supportd::run::decisions
