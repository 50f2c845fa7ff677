// All that was read about one ticket before the transaction.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connectors/desk.hpp"
#include "jobs/desk_sync/ours.hpp"
#include "jobs/tickets/people.hpp"

namespace supportd::desk_sync {

struct Reading {
  connectors::DeskTicket row;
  connectors::DeskComment opening;                // the ticket's first words; in no list of Freshdesk's
  std::vector<connectors::DeskComment> comments;  // the others, oldest first
  std::vector<connectors::BadRow> bad;
  std::map<std::string, Instant> changed{};  // when fields became what they are, where the desk tells
  struct Somebody {
    tickets::Sighting seen;
    std::string organisation_id;  // the desk's; empty: of none
  };
  std::vector<Somebody> people;                      // whom the ledger did not know, or not lately
  std::map<std::string, std::string> organisations;  // the same of organisations: id and name
  std::optional<Millis> again_in{};  // what was said last may not be in the desk's lists yet: it is read once more
  Ourselves us;
  std::string other_desk{};  // as in Spoke
  std::string listed;        // hash of the row as it was listed; empty: it was read by itself
};

// Of the message that a comment becomes, and of the one that a ticket's opening becomes.
std::string comment_identity(const std::string& system, const std::string& comment);
std::string opening_identity(const std::string& system, const std::string& ticket);

// When the desk's people changed the field: as it says, or not later than this row.
Instant changed_at(const Reading& reading, tickets::EventKind kind, const std::string& desk_field);

// Hash of what lists and views of a row both tell: unchanged means nothing to do.
std::string hash_of(const connectors::DeskTicket& row);

}  // namespace supportd::desk_sync
