// The life of a run in the ledger: queued, running, done. Nothing here waits or runs anything.
#pragma once

#include <vector>

#include "daemon/run/job.hpp"
#include "daemon/run/record.hpp"

namespace supportd::run::runs {

std::vector<store::Migration> migrations();

// Adds it as queued and returns its id. Uses job, slot, attempt, trigger, actor, reason, arguments, dry_run, created,
// start_at and owner.
std::int64_t add(store::Tx& tx, const RunRow& row);
// As `add`, but armed and with its first fence: it will begin without asking the ledger again.
std::int64_t add_armed(store::Tx& tx, const RunRow& row);
// Jobs with an armed run.
std::vector<std::string> armed_jobs(store::Tx& tx);
// Takes away an armed run.
void remove(store::Tx& tx, std::int64_t id);
std::optional<RunRow> find(store::Tx& tx, std::int64_t id);
// The last attempt at a slot.
std::optional<RunRow> find(store::Tx& tx, const std::string& job, Instant slot);
// Newest first; of all jobs when `job` is empty.
std::vector<RunRow> latest(store::Tx& tx, const std::string& job, int most);
// Not done, in the order they will run.
std::vector<RunRow> open(store::Tx& tx, const std::string& job);
// The next that may start: none while one is running or armed, or before its time.
std::optional<RunRow> next(store::Tx& tx, const std::string& job, Instant now);
// Queued ones that wait for their time, earliest first: (start_at, job).
std::vector<std::pair<Instant, std::string>> waiting(store::Tx& tx, const std::string& owner);

// From queued to running, for `owner`. None when it is no longer queued, or another run of the job is
// running or armed.
std::optional<RunRow> start(store::Tx& tx, std::int64_t id, const std::string& owner, Instant now);
// From armed to running. Nothing happens to one that is recorded already.
void began(store::Tx& tx, const Fence& fence, Instant at);
// From running back to queued: it did not finish and is still owed.
void put_back(store::Tx& tx, const Fence& fence, Instant now);

// What a running one has done so far.
void tell(store::Tx& tx, const Fence& fence, const Report& so_far);

struct Ending {
  Outcome outcome = Outcome::ok;
  Report report{};
  std::string error{};
};
// From running to done. False when somebody else took over.
bool finish(store::Tx& tx, const Fence& fence, const Ending& ending, Instant now);
// From queued or armed to done.
void cancel(store::Tx& tx, std::int64_t id, const std::string& why, Instant now);

// Daemons on one ledger: each shows that it lives by moving its lease ahead (rule 24).
void renew_lease(store::Tx& tx, const std::string& owner, Millis lease);
// It stops: others need not wait for the lease to run out.
void end_lease(store::Tx& tx, const std::string& owner);
// Open runs whose daemon has no lease any more. On SQLite all but `self` are dead.
std::vector<RunRow> orphans(store::Tx& tx, const std::string& self);
// A running orphan becomes done, lost. False when its daemon or somebody else was quicker.
bool declare_lost(store::Tx& tx, const RunRow& orphan, Instant now);
// A queued one changes hands.
void take_over(store::Tx& tx, std::int64_t id, const std::string& owner);

std::string arguments_text(const Arguments& arguments);
Arguments parse_arguments(const std::string& text);

}  // namespace supportd::run::runs
