// Open tickets under new rules: what is due soon first, then all by their number, in steps that others pass between.
// Where it stands is in the ledger.
#pragma once

#include "daemon/run/job.hpp"
#include "jobs/sla/alarms.hpp"

namespace supportd::sla {

inline constexpr const char* sweep_job = "sla_reevaluate";
// A deadline without a key: the job is asked for until the sweep is done.
inline constexpr const char* sweep_deadline = "sla_sweep";

run::JobKind sweep_kind();

// `version`: of the rules in force; in the transaction that adopted it. `since`: tickets that were ended since then are
// looked at, too, by this sweep and by one that takes its place; `never`: open ones only.
void begin_sweep(store::Tx& tx, run::Deadlines& deadlines, int version, Instant since, Instant now);
bool is_sweeping(store::Tx& tx);

// Throws Error{corrupt} at its end when clocks of some tickets could not be computed; those of all others are.
run::Report sweep(run::JobContext& context, const Alarms& alarms);

}  // namespace supportd::sla
