#include "jobs/desk_sync/desk.hpp"

namespace supportd::desk_sync {

const Mapping& mapping_of(const Section& section, const std::string& system) {
  static const Mapping defaults;
  const auto found = section.freshdesk.find(system.substr(system.find(':') + 1));
  return found == section.freshdesk.end() ? defaults : found->second;
}

std::string remote_assignee(store::Tx& tx, const std::string& system, const tickets::Ticket& ticket) {
  if (!ticket.assignee) return "";
  return tx
      .one<std::string>(
          "SELECT remote_id FROM person_alias WHERE system = :system AND person = :person ORDER BY remote_id LIMIT 1",
          system, *ticket.assignee)
      .value_or("");
}

}  // namespace supportd::desk_sync
