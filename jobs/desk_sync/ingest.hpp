// One row of a desk, with its comments, into the ledger: facts as events, messages once, echoes recognised.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "connectors/desk.hpp"
#include "jobs/desk_sync/desk.hpp"
#include "jobs/tickets/people.hpp"

namespace supportd::desk_sync {

// All that was read about one ticket before the transaction.
struct Reading {
  connectors::DeskTicket row;
  std::vector<connectors::DeskComment> comments;  // oldest first
  std::vector<connectors::BadRow> bad;
  std::vector<tickets::Sighting> people;                            // whom the ledger did not know yet
  std::optional<std::pair<std::string, std::string>> organisation;  // id and name, when not known yet
  std::string own_id;                                               // our own user at the desk
  std::string listed;  // hash of the row as it was listed; empty: it was read by itself
};

struct Ingested {
  tickets::TicketId ticket;
  bool created = false;
  bool ledger_won = false;  // the desk must be given the ledger's values again
  int messages = 0, changes = 0, conflicts = 0, echoes = 0;
};

// Of rows set aside: a ticket's id, or "<ticket>/<comment>".
inline std::string tickets_source(const std::string& system) { return system + "/ticket"; }
inline std::string comments_source(const std::string& system) { return system + "/conversation"; }

// Hash of what lists and views of a row both tell: unchanged means nothing to do.
std::string hash_of(const connectors::DeskTicket& row);

Ingested ingest(store::Tx& tx, const tickets::Kernel& kernel, const std::string& system, const Mapping& mapping,
                const Reading& reading, Instant now);

// Whether the comment is one that we wrote, by stored id, by ref, by hash among our unclaimed writes (rule 12).
bool is_echo(store::Tx& tx, const std::string& system, const std::string& lane, const connectors::DeskComment& comment,
             const std::string& text, const std::string& own_id);

std::vector<store::Migration> schema();

}  // namespace supportd::desk_sync
