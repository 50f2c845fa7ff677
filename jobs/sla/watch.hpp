// One look at a ticket's clocks: their rows, the thresholds they have passed, and when to look again.
#pragma once

#include <optional>
#include <vector>

#include "jobs/sla/rulebook.hpp"
#include "jobs/sla/store.hpp"

namespace supportd::sla {

struct Seen {
  std::vector<Passed> recorded;   // now, for the first time
  std::vector<Passed> withdrawn;  // were provisional: what was learned since says that they were not reached
  std::optional<Instant> next;    // the next threshold, if nothing happens before
};

// Computes from events and writes what differs. The same at any time and however often: a threshold is recorded once
// for its clock and target.
Seen look_at(store::Tx& tx, tickets::TicketId ticket, const Rulebook::Versions& rules, Instant now);

// Provisional ones of the ticket become facts that people may be told. `note`: why so late, if it is.
std::vector<Passed> confirm(store::Tx& tx, tickets::TicketId ticket, Instant until, const std::string& note,
                            Instant now);

}  // namespace supportd::sla
