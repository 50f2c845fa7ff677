#include "jobs/desk_sync/desk.hpp"

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

std::string remote_assignee(store::Tx& tx, const std::string& system, const tickets::Ticket& ticket) {
  if (!ticket.assignee) return "";
  return tx
      .one<std::string>(
          "SELECT remote_id FROM person_alias WHERE system = :system AND person = :person ORDER BY remote_id LIMIT 1",
          system, *ticket.assignee)
      .value_or("");
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
