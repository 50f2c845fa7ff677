// One look at a ticket's clocks: their rows, the thresholds they have passed, and when to look again.
#pragma once

#include <optional>
#include <vector>

#include "jobs/sla/rulebook.hpp"
#include "jobs/sla/store.hpp"

namespace supportd::sla {

struct Seen {
  tickets::TicketId ticket;
  std::vector<Passed> recorded;   // now, for the first time
  std::vector<Passed> withdrawn;  // were provisional: what was learned since says that they were not reached
  std::vector<Passed> corrected;  // were confirmed, and stay so: the note says what was learned since
  std::optional<Instant> next;    // the next threshold, if nothing happens before
};

// Computes from events and writes what differs. The same at any time and however often: a threshold is recorded once
// for its clock and target.
Seen look_at(store::Tx& tx, tickets::TicketId ticket, const Rulebook::Versions& rules, Instant now);
// Likewise, many at once. `tickets`: by number.
std::vector<Seen> look_at(store::Tx& tx, const std::vector<tickets::TicketId>& tickets, const Rulebook::Versions& rules,
                          Instant now);

// The parts of targets that are used up by `now`, as clocks tell; and when the next will be.
std::vector<Passed> reached_by(const std::vector<Clock>& clocks, tickets::TicketId ticket, Instant now);
std::optional<Instant> next_after(const std::vector<Clock>& clocks, Instant now);

// Provisional ones of the ticket that were reached by `known`, or recorded by `waited`, become facts that people may be
// told. `behind`: a note for those of which only the second is true.
std::vector<Passed> confirm(store::Tx& tx, tickets::TicketId ticket, Instant known, Instant waited,
                            const std::string& behind, Instant now);

}  // namespace supportd::sla
