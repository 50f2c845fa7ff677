#include "jobs/tickets/ticket.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace supportd::tickets {
namespace {

constexpr std::pair<EventKind, std::string_view> kinds[] = {{EventKind::created, "created"},
                                                            {EventKind::commented, "commented"},
                                                            {EventKind::edited, "edited"},
                                                            {EventKind::status, "status"},
                                                            {EventKind::priority, "priority"},
                                                            {EventKind::type, "type"},
                                                            {EventKind::subject, "subject"},
                                                            {EventKind::assignee, "assignee"},
                                                            {EventKind::group, "group"},
                                                            {EventKind::category, "category"},
                                                            {EventKind::product_area, "product_area"},
                                                            {EventKind::severity, "severity"},
                                                            {EventKind::requester, "requester"},
                                                            {EventKind::organisation, "organisation"},
                                                            {EventKind::tags, "tags"},
                                                            {EventKind::field, "field"},
                                                            {EventKind::merged, "merged"},
                                                            {EventKind::deleted, "deleted"},
                                                            {EventKind::redacted, "redacted"},
                                                            {EventKind::sla, "sla"}};

template <class Id>
std::optional<Id> to_id(const std::string& text) {
  if (text.empty()) return {};
  std::int64_t value = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (wrong != std::errc{} || end != text.data() + text.size()) {
    throw Error(ErrorKind::corrupt, "an event names the row '" + text + "', which is not a number");
  }
  return Id{value};
}

template <class T>
T known(std::optional<T> value, const std::string& text) {
  if (!value) throw Error(ErrorKind::corrupt, "an event holds the unknown value '" + text + "'");
  return *value;
}

void set_status(Ticket& ticket, Status to, Instant at) {
  if (to == Status::solved) {
    ticket.solved = at;
  } else if (is_unsolved(to)) {
    ticket.solved.reset();
  }
  ticket.status = to;
}

void change_tags(std::vector<std::string>& tags, const Change& change) {
  for (const auto& tag : change.added) {
    const auto at = std::ranges::lower_bound(tags, tag);
    if (at == tags.end() || *at != tag) tags.insert(at, tag);
  }
  for (const auto& tag : change.removed) std::erase(tags, tag);
}

}  // namespace

std::string_view to_text(EventKind kind) {
  for (const auto& [known_kind, text] : kinds) {
    if (known_kind == kind) return text;
  }
  return "";
}

std::optional<EventKind> parse_event_kind(std::string_view text) {
  for (const auto& [kind, known_text] : kinds) {
    if (known_text == text) return kind;
  }
  return {};
}

bool Ticket::has_tag(std::string_view tag) const { return std::ranges::binary_search(tags, tag); }

std::string Ticket::field(const std::string& name) const {
  const auto found = fields.find(name);
  return found == fields.end() ? "" : found->second;
}

void apply(Ticket& t, const Event& event) {
  const Change& c = event.change;
  switch (c.kind) {
    case EventKind::created:
      t.created = event.effective;
      t.origin = event.origin;
      t.subject = c.value;
      break;
    case EventKind::status: set_status(t, known(parse_status(c.value), c.value), event.effective); break;
    case EventKind::priority:
      t.priority = c.value.empty() ? std::nullopt : std::optional(known(parse_priority(c.value), c.value));
      break;
    case EventKind::type: t.type = c.value; break;
    case EventKind::subject: t.subject = c.value; break;
    case EventKind::assignee: t.assignee = to_id<PersonId>(c.value); break;
    case EventKind::group: t.group = c.value; break;
    case EventKind::category: t.category = c.value; break;
    case EventKind::product_area: t.product_area = c.value; break;
    case EventKind::severity: t.severity = c.value; break;
    case EventKind::requester: t.requester = to_id<PersonId>(c.value); break;
    case EventKind::organisation: t.organisation = to_id<OrganisationId>(c.value); break;
    case EventKind::tags: change_tags(t.tags, c); break;
    case EventKind::field:
      if (c.value.empty()) {
        t.fields.erase(c.name);
      } else {
        t.fields[c.name] = c.value;
      }
      break;
    case EventKind::merged: t.merged_into = to_id<TicketId>(c.value); break;
    case EventKind::deleted: t.deleted = c.value != restored; break;
    case EventKind::commented:
    case EventKind::edited:
    case EventKind::redacted:
    case EventKind::sla: break;
  }
  t.id = event.ticket;
  t.seq = event.seq;
  t.updated = event.recorded;
}

bool is_idle(const Ticket& before, const Ticket& after, EventKind kind) {
  switch (kind) {
    case EventKind::created:
    case EventKind::commented:
    case EventKind::edited:
    case EventKind::redacted:
    case EventKind::sla: return false;
    // Solved again is no news, though it would count from another instant.
    case EventKind::status: return before.status == after.status;
    case EventKind::priority: return before.priority == after.priority;
    case EventKind::type: return before.type == after.type;
    case EventKind::subject: return before.subject == after.subject;
    case EventKind::assignee: return before.assignee == after.assignee;
    case EventKind::group: return before.group == after.group;
    case EventKind::category: return before.category == after.category;
    case EventKind::product_area: return before.product_area == after.product_area;
    case EventKind::severity: return before.severity == after.severity;
    case EventKind::requester: return before.requester == after.requester;
    case EventKind::organisation: return before.organisation == after.organisation;
    case EventKind::tags: return before.tags == after.tags;
    case EventKind::field: return before.fields == after.fields;
    case EventKind::merged: return before.merged_into == after.merged_into;
    case EventKind::deleted: return before.deleted == after.deleted;
  }
  return false;
}

}  // namespace supportd::tickets
