// Tickets of two desks that people linked by hand are one ticket, whichever of the two is read first.
#pragma once

#include <optional>
#include <string>

#include "daemon/store/ledger.hpp"
#include "jobs/desk_sync/mapping.hpp"

namespace supportd::desk_sync {

// The ticket that the row was linked to by hand, by it or by the other. A bare number names a ticket of `other`, the
// only other desk there is: among several it may be anyone's, whatever has been read by now. As external id it also
// needs the same subject.
std::optional<tickets::TicketId> known_elsewhere(store::Tx& tx, const std::string& system, const Mapping& mapping,
                                                 const connectors::DeskTicket& row, const std::string& other);
// The row, now `ticket`, may name one that has not been read yet.
void claim(store::Tx& tx, const std::string& system, const Mapping& mapping, const connectors::DeskTicket& row,
           tickets::TicketId ticket);

}  // namespace supportd::desk_sync
