// One row of a desk, with its comments, into the ledger: facts as events, messages once, echoes recognised.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "connectors/desk.hpp"
#include "jobs/desk_sync/desk.hpp"
#include "jobs/tickets/people.hpp"

namespace supportd::desk_sync {

// Who we are at a desk, and the time of which a restored ledger has forgotten what we did there.
struct Ourselves {
  std::string id;
  Instant began{}, certain{};  // from, until; the same: nothing was forgotten

  bool may_have_forgotten(Instant created) const;
};

// All that was read about one ticket before the transaction.
struct Reading {
  connectors::DeskTicket row;
  std::vector<connectors::DeskComment> comments;  // oldest first
  std::vector<connectors::BadRow> bad;
  std::map<std::string, Instant> changed{};  // when fields became what they are, where the desk tells
  std::vector<tickets::Sighting> people;     // whom the ledger did not know yet
  std::optional<std::pair<std::string, std::string>> organisation;  // id and name, when not known yet
  bool whole = true;  // false: what was said last may not be in the desk's lists yet; it is read again
  Ourselves us;
  std::string listed;  // hash of the row as it was listed; empty: it was read by itself
};

// When the desk's people changed the field: as it says, or not later than this row.
Instant changed_at(const Reading& reading, tickets::EventKind kind, const std::string& desk_field);

struct Ingested {
  tickets::TicketId ticket;
  bool created = false;
  bool ledger_won = false;          // the desk must be given the ledger's values again
  bool found_ours = false;          // a counterpart that we made, before the ledger learned of it from the write
  tickets::MessageId follows_with;  // of such a one: see counterpart_is_there
  int messages = 0, changes = 0, conflicts = 0, echoes = 0;
};

// Of rows set aside: a ticket's id, or "<ticket>/<comment>".
inline std::string tickets_source(const std::string& system) { return system + "/ticket"; }
inline std::string comments_source(const std::string& system) { return system + "/conversation"; }

// Hash of what lists and views of a row both tell: unchanged means nothing to do.
std::string hash_of(const connectors::DeskTicket& row);

Ingested ingest(store::Tx& tx, const tickets::Kernel& kernel, const std::string& system, const Mapping& mapping,
                const Reading& reading, Instant now);

// Whether the comment is one that we wrote, by stored id, by ref, by hash among our unclaimed writes (rule 12). A
// public one carries no ref: of the time that a restored ledger has forgotten, our user's are ours.
bool is_echo(store::Tx& tx, const std::string& system, const std::string& lane, const connectors::DeskComment& comment,
             const std::string& text, const Ourselves& us);

std::vector<store::Migration> schema();

}  // namespace supportd::desk_sync
