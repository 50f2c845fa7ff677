// What at a desk is our own work: comments that echo ours, tickets that we made. Known by stored id, by our marker, by
// hash (rule 12), also to a ledger that was restored from before.
#pragma once

#include <optional>
#include <string>

#include "connectors/desk.hpp"
#include "jobs/desk_sync/counterpart.hpp"

namespace supportd::desk_sync {

// Who we are at a desk, and the time of which a restored ledger has forgotten what we did there.
struct Ourselves {
  std::string id;
  Instant began{}, certain{};  // from, until; the same: nothing was forgotten

  bool may_have_forgotten(Instant created) const;
  // Whether what became of a row between these may be a forgotten write of ours.
  bool may_have_forgotten(Instant known, Instant updated) const;
};

// Whether the comment is one that we wrote, by stored id, by ref, by hash among our unclaimed writes (rule 12). A
// public one carries no ref: of the time that a restored ledger has forgotten, our user's are ours.
bool is_echo(store::Tx& tx, const std::string& system, const std::string& lane, const connectors::DeskComment& comment,
             const std::string& text, const Ourselves& us);

// Whose counterpart a row with our marker is.
struct Marked {
  std::optional<Made> made;                      // we made it
  std::optional<tickets::TicketId> goes_on_for;  // somebody at the desk did: it inherited the marker from one of ours
};

// Throws Error{gone} while a restored ledger does not know of which ticket: the row is set aside and read again.
Marked marked_by_us(store::Tx& tx, const std::string& system, const connectors::DeskTicket& row);

}  // namespace supportd::desk_sync
