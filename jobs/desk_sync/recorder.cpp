#include "jobs/desk_sync/recorder.hpp"

#include "daemon/digest.hpp"

namespace supportd::desk_sync {
namespace {

using tickets::Change;
using tickets::EventKind;

std::string describe(const Change& change) {
  std::string out = change.value;
  for (const auto& tag : change.added) out += "+" + tag;
  for (const auto& tag : change.removed) out += "-" + tag;
  return out;
}

}  // namespace

tickets::NewEvent Recorder::event(Change change, const std::string& desk_field) const {
  const connectors::DeskTicket& row = reading_.row;
  const std::string identity = system_ + ":" + row.id + ":" + std::string(tickets::to_text(change.kind)) + ":" +
                               change.name + ":" + std::to_string(time::to_millis(row.updated)) + ":" +
                               digest::hex(digest::sha256(describe(change))).substr(0, 16);
  const Instant at = change.kind == EventKind::created ? row.created : changed_at(reading_, change.kind, desk_field);
  return {id_, std::move(change), at, system_, "", identity};
}

bool Recorder::record(EventKind kind, const std::string& value, const std::string& name,
                      const std::string& desk_field) {
  Change change;
  change.kind = kind;
  change.name = name;
  change.value = value;
  return kernel_.append(tx_, event(std::move(change), desk_field), now_).has_value();
}

bool Recorder::record_tags(std::vector<std::string> added, std::vector<std::string> removed) {
  if (added.empty() && removed.empty()) return false;
  Change change;
  change.kind = EventKind::tags;
  change.added = std::move(added);
  change.removed = std::move(removed);
  return kernel_.append(tx_, event(std::move(change)), now_).has_value();
}

const std::optional<tickets::Alias>& Aliases::find(const std::string& remote_id) {
  const auto known = known_.find(remote_id);
  if (known != known_.end()) return known->second;
  return known_.emplace(remote_id, tickets::find_alias(tx_, system_, remote_id)).first->second;
}

std::string Aliases::name_of(const std::string& remote_id) {
  const auto& alias = find(remote_id);
  return alias ? alias->name : "";
}

}  // namespace supportd::desk_sync
