// One row of a desk, with its comments, into the ledger: facts as events, messages once, echoes recognised.
#pragma once

#include <string>
#include <vector>

#include "jobs/desk_sync/desk.hpp"
#include "jobs/desk_sync/reading.hpp"

namespace supportd::desk_sync {

// By its link: deleted or spam when it was last read.
inline bool was_gone(const tickets::Link& link) { return link.state == "deleted" || link.state == "spam"; }

struct Ingested {
  tickets::TicketId ticket;
  bool created = false;
  bool ledger_won = false;          // the desk must be given the ledger's values again
  bool left_over = false;           // the ledger has another value than the desk, where nobody changed it
  bool found_ours = false;          // a counterpart that we made, before the ledger learned of it from the write
  bool returned = false;            // it was deleted or spam, and is back
  tickets::MessageId follows_with;  // of such a one: see counterpart_is_there
  std::vector<tickets::MessageId> hidden{};  // words that its people have made private
  int messages = 0, changes = 0, conflicts = 0, echoes = 0;
};

// Of rows set aside: a ticket's id, or "<ticket>/<comment>".
inline std::string tickets_source(const std::string& system) { return system + "/ticket"; }
inline std::string comments_source(const std::string& system) { return system + "/conversation"; }

Ingested ingest(store::Tx& tx, const tickets::Kernel& kernel, const std::string& system, const Mapping& mapping,
                const Reading& reading, Instant now);

std::vector<store::Migration> schema();

}  // namespace supportd::desk_sync
