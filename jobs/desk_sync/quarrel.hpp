// A desk's own automation that sets a field back each time we write it, while another side sets it again: noticed after
// two rounds, cut and listed.
#pragma once

#include "jobs/desk_sync/mapping.hpp"
#include "jobs/tickets/kernel.hpp"

namespace supportd::desk_sync {

// The desk changed the field from what we had written. True from the third time on that it made the same of the same,
// each within an hour of the last: the field is cut off then. Of tags, the difference holds the whole sets.
bool is_quarrel(store::Tx& tx, const std::string& system, tickets::TicketId ticket, const Difference& difference,
                const std::string& ledger_field, Instant now);
// What the desk should have: to_desk, but for fields that were cut off, which stay as they are there until the ledger
// says something else than it did then.
Snapshot wanted_at(store::Tx& tx, const std::string& system, const tickets::Ticket& ticket, const Mapping& mapping,
                   const Snapshot& agreed, std::map<std::string, std::string>* missing = nullptr);
// An operator has decided: the field is written again.
void end_quarrel(store::Tx& tx, const std::string& system, tickets::TicketId ticket, const std::string& field);

}  // namespace supportd::desk_sync
