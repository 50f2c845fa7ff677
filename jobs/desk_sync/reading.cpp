#include "jobs/desk_sync/reading.hpp"

#include <algorithm>

#include "daemon/digest.hpp"

namespace supportd::desk_sync {

using connectors::DeskTicket;
using tickets::EventKind;

std::string comment_identity(const std::string& system, const std::string& comment) {
  return system + ":conversation:" + comment;
}

std::string opening_identity(const std::string& system, const std::string& ticket) {
  return system + ":ticket:" + ticket + ":description";
}

// What the row was last touched for may be a note of ours, long after its people changed the field. A merge is as old
// as the status that it brought.
Instant changed_at(const Reading& reading, EventKind kind, const std::string& desk_field) {
  if (kind == EventKind::merged) kind = EventKind::status;
  const auto at = reading.changed.find(desk_field.empty() ? std::string(tickets::to_text(kind)) : desk_field);
  if (at != reading.changed.end()) return std::min(at->second, reading.row.updated);
  return kind == EventKind::status ? reading.row.status_since.value_or(reading.row.updated) : reading.row.updated;
}

std::string hash_of(const DeskTicket& row) {
  Snapshot values = snapshot_of(row);
  values.status_since =
      {};  // lists may not tell; nor do they show a description as a view does, whose edits move `updated`
  std::string all = encode(values) + "|" + row.requester_id + "|" + row.organisation_id + "|" +
                    std::to_string(time::to_millis(row.updated)) + (row.deleted ? "|deleted" : "") +
                    (row.spam ? "|spam" : "");
  return digest::hex(digest::sha256(all)).substr(0, 32);
}

}  // namespace supportd::desk_sync
