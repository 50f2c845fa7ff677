#include "jobs/desk_sync/hand_links.hpp"

#include <map>

#include "jobs/tickets/links.hpp"

namespace supportd::desk_sync {
namespace {

using connectors::DeskTicket;
using store::Tx;

// What people wrote on a ticket to link it to another desk's: "freshdesk:main:7", or the id alone.
struct HandLink {
  std::string name;
  bool certain = false;  // in the field that is meant for it; an external id may be anybody's number
};

std::vector<HandLink> hand_links(const Mapping& mapping, const DeskTicket& row) {
  std::vector<HandLink> out;
  const auto field = row.fields.find(mapping.link_field);
  if (field != row.fields.end() && !field->second.empty()) out.push_back({field->second, true});
  if (!row.external_id.empty()) out.push_back({row.external_id, false});
  return out;
}

bool is_called(Tx& tx, tickets::TicketId ticket, const std::string& subject) {
  return tickets::load(tx, ticket).subject == subject;
}

}  // namespace

std::optional<tickets::TicketId> known_elsewhere(Tx& tx, const std::string& system, const Mapping& mapping,
                                                 const DeskTicket& row) {
  for (const HandLink& hand : hand_links(mapping, row)) {
    for (const std::string& other : tickets::linked_systems(tx)) {
      if (other == system) continue;
      const bool full = hand.name.starts_with(other + ":");
      const auto link = tickets::find_link(tx, other, full ? hand.name.substr(other.size() + 1) : hand.name);
      // Another of this desk's names it too, and was first.
      if (link && tickets::link_of(tx, link->ticket, system)) continue;
      if (link && (full || hand.certain || is_called(tx, link->ticket, row.subject))) return link->ticket;
    }
  }
  // The other way round: a ticket that was read before this one names it.
  const std::string full = system + ":" + row.id;
  std::map<tickets::TicketId, bool> claims;  // whether it surely means this one
  for (const std::string& name : {full, row.id}) {
    for (const auto& [ticket, certain] : tx.all<tickets::TicketId, bool>(
             "SELECT ticket, certain FROM desk_claim WHERE name = :name AND system <> :system", name, system)) {
      claims[ticket] |= certain || name == full;
    }
  }
  for (const auto& [ticket, certain] : claims) {
    if (tickets::link_of(tx, ticket, system)) continue;
    if (certain || is_called(tx, ticket, row.subject)) return ticket;
  }
  return {};
}

void claim(Tx& tx, const std::string& system, const Mapping& mapping, const DeskTicket& row, tickets::TicketId ticket) {
  for (const HandLink& hand : hand_links(mapping, row)) {
    tx.exec(
        "INSERT INTO desk_claim (system, name, certain, ticket) VALUES (:system, :name, :certain, :ticket) ON CONFLICT "
        "DO NOTHING",
        system, hand.name, hand.certain ? 1 : 0, ticket);
  }
}

}  // namespace supportd::desk_sync
