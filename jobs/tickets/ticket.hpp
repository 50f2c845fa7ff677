// A ticket and what can happen to it. Pure: the projection is `apply` folded over the events in recorded order.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/result.hpp"
#include "daemon/time/instant.hpp"
#include "jobs/tickets/values.hpp"

namespace supportd::tickets {

enum class EventKind {
  created,       // value: the subject
  commented,     // message
  edited,        // message: its text changed at its origin
  status,        // value
  priority,      // value
  type,          // value
  subject,       // value
  assignee,      // value: the person's id, or empty
  group,         // value
  category,      // value
  product_area,  // value
  severity,      // value
  requester,     // value: the person's id
  organisation,  // value: its id, or empty
  tags,          // added, removed
  field,         // name, value; empty unsets
  merged,        // value: the id of the ticket it went into
  deleted,       // value: empty, or `restored`
  redacted,      // message: its text was erased
  sla,           // name: the metric; value, for people: what became of a part of its target
};

// Of a deletion that was undone.
inline constexpr std::string_view restored = "restored";

std::string_view to_text(EventKind kind);
std::optional<EventKind> parse_event_kind(std::string_view text);

// What changes; which members count is said beside the kind.
struct Change {
  EventKind kind = EventKind::created;
  std::string name, value;
  std::vector<std::string> added, removed;
  MessageId message;
};

struct Event {
  std::int64_t id = 0;
  TicketId ticket;
  std::int64_t seq = 0;  // 1, 2, 3, ... within the ticket, in recorded order
  Change change;
  Instant effective{};   // when it happened; never after `recorded`
  Instant recorded{};    // when we learned of it
  bool clamped = false;  // its origin claimed a time after `recorded`
  std::string origin;    // the system it came from: "freshdesk:main", "aws:123456789012", "aws_cases", "operator"
  std::string actor;     // who did it there
  std::string identity;  // the same happening has the same identity, however often it is seen
};

struct Ticket {
  TicketId id;
  std::int64_t seq = 0;
  Instant created{}, updated{};
  std::string origin;
  std::string subject, type, group, category, product_area, severity;
  Status status = Status::fresh;
  std::optional<Priority> priority;
  std::optional<PersonId> requester, assignee;
  std::optional<OrganisationId> organisation;
  std::vector<std::string> tags;  // sorted
  std::map<std::string, std::string> fields;
  std::optional<Instant> solved;
  std::optional<TicketId> merged_into;
  bool deleted = false;

  bool has_tag(std::string_view tag) const;
  std::string field(const std::string& name) const;
  friend bool operator==(const Ticket&, const Ticket&) = default;
};

// Throws Error{corrupt} on a value the kind cannot hold.
void apply(Ticket& ticket, const Event& event);
// Whether an event of this kind, applied to `before`, changed nothing but the ticket's number and time.
bool is_idle(const Ticket& before, const Ticket& after, EventKind kind);

}  // namespace supportd::tickets
