// How a desk's values and the ledger's say the same thing. Pure. Vendor values are texts; a value without a counterpart
// is data, never an error: it stays where it is and is reported.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "connectors/desk.hpp"
#include "daemon/config/section.hpp"
#include "daemon/result.hpp"
#include "jobs/desk_sync/transform.hpp"
#include "jobs/tickets/ticket.hpp"

namespace supportd::desk_sync {

// Whose word a field is (rule 15). The desk's and the ledger's stand whatever the other side does. `newest`: the later
// change by the vendor's event time, or the `tie` side within the bound of clock skew.
struct Owner {
  enum Kind { desk, ledger, newest };
  Kind kind = newest;
  std::string other{};  // another desk, whose word comes here as the ledger's: "zendesk:emea"

  Owner() = default;
  Owner(Kind kind, std::string other = "") : kind(kind), other(std::move(other)) {}
  static Parsed<Owner> parse(std::string_view text);
  std::string to_text() const;
  friend bool operator==(const Owner& a, Kind b) { return a.kind == b; }
  friend bool operator==(const Owner&, const Owner&) = default;
};

// A custom field of the desk's and the ledger's field that it is.
struct FieldRule {
  std::string desk;    // its name at the desk
  std::string ledger;  // empty: the same name
  Owner owner = Owner::newest;
  std::vector<Step> in, out;  // desk to ledger, ledger to desk

  const std::string& ledger_name() const { return ledger.empty() ? desk : ledger; }
  // What the ledger knows of the ticket besides its fields: "ticket.id", "organisation.id", "organisation.name",
  // "organisation.tier". It goes out only.
  bool is_fact() const;
};
void bind(config::Binder& b, FieldRule& rule);

// Which tickets a rule is about; an empty part is always met.
struct Participation {
  std::vector<std::string> tags;                           // carries one of these
  std::vector<std::string> tags_not;                       // and none of these
  std::map<std::string, std::vector<std::string>> fields;  // and each field has one of the values

  bool takes(const tickets::Ticket& ticket) const;
};
void bind(config::Binder& b, Participation& rule);

enum class Counterpart {
  linked,  // only tickets that the desk has already
  all,     // a ticket of another origin that takes part gets a counterpart here
};
// What the desk does about a ticket that was merged or deleted elsewhere.
enum class Propagation { nothing, note, follow };

struct Mapping {
  // Desk's value -> ledger's; and back. "open:190" is looked up as it stands, then by its category "open".
  std::map<std::string, tickets::Status> status_in;
  std::map<std::string, std::string> status_out;
  tickets::Status status_unknown = tickets::Status::open;  // for a status that nobody mapped
  std::map<std::string, tickets::Priority> priority_in;
  std::map<std::string, std::string> priority_out;
  std::vector<std::string> priority_not_given;  // what a new ticket has when nobody chose: the ledger finds its own
  // Values in no table pass as they are.
  std::map<std::string, std::string> type_in, type_out;
  std::map<std::string, std::string> group_in, group_out;
  std::map<std::string, std::string> assignee_out;  // a person's mail -> the desk's agent

  std::map<std::string, Owner> owner;  // of status, priority, type, subject, assignee, group; others: field_owner
  Owner field_owner = Owner::desk;
  Millis skew{2'000};       // two changes within this are simultaneous: a conflict that the side of `tie` wins
  Owner tie = Owner::desk;  // desk or ledger
  std::vector<std::string> ledger_fields = {"cf_aws_support_case_id"};  // custom fields that the ledger owns
  std::vector<FieldRule> fields;                                        // the others of one name on both sides

  Counterpart counterpart = Counterpart::linked;
  Participation takes_part;
  bool public_comments = true;  // public ones stay public here; false: they come as private notes
  Propagation merged = Propagation::note, deleted = Propagation::nothing;
  std::string link_field;  // custom field that names the ticket's counterpart, for tickets linked by hand
  // Zendesk makes two tags of "Big Customer", and keeps none in capitals: there it is "big_customer".
  // https://github.com/zendesk/zendesk_api_client_rb/issues/156
  bool tags_are_words = false;

  Owner owner_of(const std::string& field) const;
  const FieldRule* rule_of(const std::string& desk_field) const;
  // The ledger's name of what a difference at the desk is called by: a custom field's, or the scalar itself.
  std::string ledger_name(const std::string& desk_field) const;
};
// What an owner is given of besides custom fields: "status", "priority", ...
const std::vector<std::string>& scalar_names();
inline bool is_scalar(const std::string& field) {
  return std::ranges::find(scalar_names(), field) != scalar_names().end();
}
// A tag of the ledger's as the desk spells it.
std::string tag_at_desk(const Mapping& mapping, const std::string& tag);
Mapping freshdesk_mapping();
Mapping zendesk_mapping();
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
// A field by the name that conflicts call it: "status", "tags" (joined by blanks), a custom field's.
std::string value_of(const Snapshot& snapshot, const std::string& field);
// Of all but tags.
void set_value(Snapshot& snapshot, const std::string& field, const std::string& value);
std::string encode(const Snapshot& snapshot);
Snapshot decode_snapshot(const std::string& json);

// A desk's status as the ledger's.
tickets::Status status_of(const Mapping& mapping, const std::string& desk_status);
// By the table, else as one of P1 to P4, urgent, high, normal, medium, low, whatever their case.
std::optional<tickets::Priority> priority_of(const Mapping& mapping, const std::string& desk_priority);
// A desk's value as the ledger's; nothing when it has no counterpart. Not for assignees, who are people.
std::optional<std::string> to_ledger(const Mapping& mapping, tickets::EventKind kind, const std::string& desk_field,
                                     const std::string& value);

// The ledger's ticket in the desk's values. Where several of the desk's values mean the same, the agreed one stays; a
// value without a counterpart leaves the agreed one and stands in `missing`. `assignee`: the person's id at the desk.
Snapshot to_desk(const tickets::Ticket& ticket, const std::string& assignee, const Mapping& mapping,
                 const Snapshot& agreed, std::map<std::string, std::string>* missing = nullptr);  // by field

// A field that differs between the two sides.
struct Difference {
  tickets::EventKind kind;
  std::string name;  // of a custom field, at the desk
  std::string agreed, desk, ledger;
  bool desk_changed = false, ledger_changed = false;
  bool conflict() const { return desk_changed && ledger_changed && desk != ledger; }
  // "status", or the custom field's name
  std::string field() const { return name.empty() ? std::string(tickets::to_text(kind)) : name; }
};
// The desk's status is the same as last time, but since later: it was another in between, perhaps by a write of ours
// whose answer is not recorded yet. That is a change, too.
bool was_set_again(const Snapshot& agreed, const Snapshot& desk);
// Scalar fields only; tags are a set and merge without conflict.
std::vector<Difference> compare(const Snapshot& agreed, const Snapshot& desk, const Snapshot& ledger);

// Three-way union: what either side added, without what either side removed. Sorted.
std::vector<std::string> merge_tags(const std::vector<std::string>& agreed, const std::vector<std::string>& desk,
                                    const std::vector<std::string>& ledger);

// What to send so that the desk, now at `fresh`, has what the ledger wants. A field that the desk changed since
// `agreed` is left to the next pull, unless the ledger owns it.
connectors::DeskUpdate update_for(const Snapshot& agreed, const Snapshot& fresh, const Snapshot& ledger,
                                  const Mapping& mapping);

// The names of the fields that an update sends.
std::vector<std::string> fields_of(const connectors::DeskUpdate& update);

}  // namespace supportd::desk_sync
