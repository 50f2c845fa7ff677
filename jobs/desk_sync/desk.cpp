#include "jobs/desk_sync/desk.hpp"

#include <algorithm>

#include "jobs/tickets/people.hpp"

namespace supportd::desk_sync {

const Mapping& mapping_of(const Section& section, const std::string& system) {
  static const FreshdeskMapping freshdesk;
  static const ZendeskMapping zendesk;
  const auto in = [&](const auto& mappings, const Mapping& defaults) -> const Mapping& {
    const auto found = mappings.find(system.substr(system.find(':') + 1));
    return found == mappings.end() ? defaults : found->second;
  };
  return system.starts_with("zendesk:") ? in(section.zendesk, zendesk) : in(section.freshdesk, freshdesk);
}

bool takes_part_at(const std::string& system, const tickets::Ticket& ticket, const Mapping& mapping) {
  return ticket.origin == system || mapping.takes_part.takes(ticket);
}

std::string remote_assignee(store::Tx& tx, const std::string& system, const tickets::Ticket& ticket,
                            const Mapping& mapping) {
  if (!ticket.assignee) return "";
  if (!mapping.assignee_out.empty()) {
    const auto person = tickets::find_person(tx, *ticket.assignee);
    const auto named = mapping.assignee_out.find(person ? person->mail : "");
    if (named != mapping.assignee_out.end()) return named->second;
  }
  return tx
      .one<std::string>(
          "SELECT remote_id FROM person_alias WHERE system = :system AND person = :person ORDER BY remote_id LIMIT 1",
          system, *ticket.assignee)
      .value_or("");
}

tickets::Ticket with_facts(store::Tx& tx, tickets::Ticket ticket, const Mapping& mapping) {
  if (std::ranges::none_of(mapping.fields, &FieldRule::is_fact)) return ticket;
  ticket.fields["ticket.id"] = std::to_string(ticket.id.value);
  if (const auto of = ticket.organisation ? tickets::find_organisation(tx, *ticket.organisation) : std::nullopt) {
    ticket.fields["organisation.id"] = std::to_string(of->id.value);
    ticket.fields["organisation.name"] = of->name;
    ticket.fields["organisation.tier"] = of->tier;
  }
  return ticket;
}

bool is_of_the_row(const std::exception& error) {
  const auto* known = dynamic_cast<const Error*>(&error);
  if (known == nullptr) return true;
  switch (known->kind()) {
    case ErrorKind::gone:
    case ErrorKind::corrupt:
    case ErrorKind::refused: return true;
    default: return false;
  }
}

}  // namespace supportd::desk_sync
