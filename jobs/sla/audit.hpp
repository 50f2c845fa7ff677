// The slow scan that checks the timers: what the ledger says of clocks against what their events say. It is to find
// nothing (design, promise 4).
#pragma once

#include "daemon/run/job.hpp"
#include "jobs/sla/alarms.hpp"

namespace supportd::sla {

inline constexpr const char* audit_job = "sla_audit";

run::JobKind audit_kind();

struct Audited {
  std::int64_t tickets = 0;
  std::int64_t rows = 0, thresholds = 0, deadlines = 0;  // that are wrong
  std::vector<std::string> flaws;                        // in words, at most a hundred
  std::optional<tickets::TicketId> last;                 // none: that was all
};
// Open tickets after that one, and those that ended since `since`. Reads only.
Audited audit_some(store::Tx& tx, const Rulebook::Versions& rules, tickets::TicketId after, Instant since, int most,
                   Instant now);

run::Report audit(run::JobContext& context, Rulebook& rulebook, Metrics& metrics);

}  // namespace supportd::sla
