// Which vendor object is which ticket, and what was last agreed about it (rule 15).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "jobs/tickets/kernel.hpp"

namespace supportd::tickets {

struct Link {
  std::string system;  // "freshdesk:main"
  std::string remote_id;
  TicketId ticket;
  std::string agreed;  // JSON, the slice's own: what both sides last had
  std::string seen;    // hash of the last row read, so that an unchanged one costs nothing
  Instant remote_updated{};
  std::string state;  // "live", "deleted", "merged", "gone", ...
};

std::optional<Link> find_link(store::Tx& tx, const std::string& system, const std::string& remote_id);
// The living one, where a follow-up went on for a closed one.
std::optional<Link> link_of(store::Tx& tx, TicketId ticket, const std::string& system);
// Every system that any ticket is linked to.
std::vector<std::string> linked_systems(store::Tx& tx);
std::vector<Link> links_of(store::Tx& tx, TicketId ticket);
void save_link(store::Tx& tx, const Link& link);

// Whether a system has been read to its end since then, and so what its people did meanwhile is known. Noted once
// after a ledger's start or restore, not at every read.
bool was_read_since(store::Tx& tx, const std::string& system, Instant since);
void note_read(store::Tx& tx, const std::string& system, Instant now);

}  // namespace supportd::tickets
