// How a desk's values and the ledger's say the same thing. Pure. Vendor values are texts; a value without a
// counterpart is data, never an error.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connectors/desk.hpp"
#include "daemon/config/section.hpp"
#include "jobs/tickets/ticket.hpp"

namespace supportd::desk_sync {

// Who wins when both sides changed a field since they last agreed (rule 15).
enum class Owner { desk, ledger, newest };

struct Mapping {
  // Desk's value -> ledger's; and back. Freshdesk's numbers by default (product.md, decision 6).
  std::map<std::string, tickets::Status> status_in = {{"2", tickets::Status::open},    {"3", tickets::Status::pending},
                                                      {"4", tickets::Status::solved},  {"5", tickets::Status::closed},
                                                      {"6", tickets::Status::pending}, {"7", tickets::Status::hold}};
  std::map<std::string, std::string> status_out = {{"new", "2"},    {"open", "2"},   {"pending", "3"},  {"hold", "3"},
                                                   {"solved", "4"}, {"closed", "5"}, {"cancelled", "5"}};
  tickets::Status status_unknown = tickets::Status::open;  // for a status that nobody mapped
  std::map<std::string, tickets::Priority> priority_in = {{"1", tickets::Priority::low},
                                                          {"2", tickets::Priority::normal},
                                                          {"3", tickets::Priority::high},
                                                          {"4", tickets::Priority::urgent}};
  std::map<std::string, std::string> priority_out = {{"low", "1"}, {"normal", "2"}, {"high", "3"}, {"urgent", "4"}};

  Owner status_owner = Owner::newest;
  Owner field_owner = Owner::desk;                                      // of everything else
  std::vector<std::string> ledger_fields = {"cf_aws_support_case_id"};  // custom fields the ledger owns
};
void bind(config::Binder& b, Mapping& m);

// What both sides last had in common, in the desk's own values.
struct Snapshot {
  std::string status, priority, type, subject, assignee, group;
  std::vector<std::string> tags;  // sorted
  std::map<std::string, std::string> fields;
  Instant status_since{};  // when the status became that; the epoch: not known
  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};
Snapshot snapshot_of(const connectors::DeskTicket& row);
std::string encode(const Snapshot& snapshot);
Snapshot decode_snapshot(const std::string& json);

// The ledger's ticket in the desk's values. `assignee`: the person's id at the desk.
Snapshot to_desk(const tickets::Ticket& ticket, const std::string& assignee, const Mapping& mapping,
                 const Snapshot& agreed);

// A field that differs between the two sides.
struct Difference {
  tickets::EventKind kind;
  std::string name;  // of a custom field
  std::string agreed, desk, ledger;
  bool desk_changed = false, ledger_changed = false;
  bool conflict() const { return desk_changed && ledger_changed; }
};
// Scalar fields only; tags are a set and merge without conflict.
std::vector<Difference> compare(const Snapshot& agreed, const Snapshot& desk, const Snapshot& ledger);
Owner owner_of(const Difference& difference, const Mapping& mapping);

// Three-way union: what either side added, without what either side removed. Sorted.
std::vector<std::string> merge_tags(const std::vector<std::string>& agreed, const std::vector<std::string>& desk,
                                    const std::vector<std::string>& ledger);

// What to send so that the desk, now at `fresh`, has what the ledger wants. A field that the desk changed since
// `agreed` is left to the next pull, unless the ledger owns it.
connectors::DeskUpdate update_for(const Snapshot& agreed, const Snapshot& fresh, const Snapshot& ledger,
                                  const Mapping& mapping);

}  // namespace supportd::desk_sync
