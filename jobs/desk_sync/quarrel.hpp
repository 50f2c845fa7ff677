// A desk's own automation that sets a field back each time we write it, while another side sets it again: noticed after
// two rounds, cut and listed.
#pragma once

#include "jobs/desk_sync/mapping.hpp"
#include "jobs/tickets/kernel.hpp"

namespace supportd::desk_sync {

// The desk changed the field from what we had written. True when it makes the same of the same once too often: the
// field is cut off then. For what comes `soon` after our write, as an immediate automation would, that is the third
// time, each within an hour of the last, whatever seemed later in between; for what comes later, as timed automations
// do and people may, the seventh, each within a day of the last and nobody having said anything in between. Of tags,
// the difference holds the whole sets.
bool is_quarrel(store::Tx& tx, const std::string& system, tickets::TicketId ticket, const Difference& difference,
                const std::string& ledger_field, bool soon, Instant now);
// The desk's value has no counterpart in the ledger: the field is cut off, too.
void cut_off(store::Tx& tx, const std::string& system, tickets::TicketId ticket, const Difference& difference,
             Instant now);
// The desk said something that the ledger says, too: the field is cut off no more.
void take_up(store::Tx& tx, const std::string& system, tickets::TicketId ticket, const std::string& field);
// What the desk should have: to_desk, but for fields that were cut off, which stay as they are there until the ledger
// says something else than it did then.
Snapshot wanted_at(store::Tx& tx, const std::string& system, const tickets::Ticket& ticket, const Mapping& mapping,
                   const Snapshot& agreed, std::map<std::string, std::string>* missing = nullptr,
                   std::map<std::string, std::string>* cut = nullptr);
// An operator has decided: the field is written again.
void end_quarrel(store::Tx& tx, const std::string& system, tickets::TicketId ticket, const std::string& field);

}  // namespace supportd::desk_sync
