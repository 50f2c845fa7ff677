// What happened to a ticket, out of the ledger's events, as its clocks see it.
#pragma once

#include <vector>

#include "daemon/store/ledger.hpp"
#include "jobs/sla/clocks.hpp"
#include "jobs/tickets/ticket.hpp"

namespace supportd::sla {

// As far as was recorded by `known`; by the time of the happening, and in recorded order within an instant; the
// creation first. Empty for a ticket that the ledger does not have.
std::vector<Happening> happenings_of(store::Tx& tx, tickets::TicketId ticket, Instant known = time::never);

struct History {
  tickets::TicketId ticket;
  std::vector<Happening> happenings;
};
// Of all tickets of that range, read together; by ticket.
std::vector<History> histories_of(store::Tx& tx, tickets::TicketId first, tickets::TicketId last,
                                  Instant known = time::never);

// Whether an event of that kind can be one.
bool changes_clocks(tickets::EventKind kind);

}  // namespace supportd::sla
