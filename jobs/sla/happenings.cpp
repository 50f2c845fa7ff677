#include "jobs/sla/happenings.hpp"

#include <algorithm>

#include "jobs/tickets/kernel.hpp"
#include "jobs/tickets/messages.hpp"
#include "jobs/tickets/people.hpp"

namespace supportd::sla {
namespace {

using store::Tx;
using tickets::EventKind;

Happening::Who who(const tickets::Message& message) {
  switch (message.author) {
    case tickets::Author::customer: return Happening::Who::customer;
    case tickets::Author::agent: return Happening::Who::agent;
    case tickets::Author::vendor:
    case tickets::Author::system: break;
  }
  return Happening::Who::other;
}

class Names {
 public:
  explicit Names(Tx& tx) : tx_(tx) {}
  std::string of(std::optional<tickets::OrganisationId> id) {
    if (!id) return {};
    const auto [at, is_new] = known_.try_emplace(id->value);
    if (is_new) {
      if (const auto found = tickets::find_organisation(tx_, *id)) at->second = found->name;
    }
    return at->second;
  }

 private:
  Tx& tx_;
  std::map<std::int64_t, std::string> known_;
};

Facts facts_of(const tickets::Ticket& ticket, Names& names) {
  Facts out;
  out.status = ticket.status;
  out.priority = ticket.priority;
  out.group = ticket.group;
  out.organisation = names.of(ticket.organisation);
  out.channel = ticket.origin;
  out.tags = ticket.tags;
  return out;
}

// What of an event clocks see; nothing: it is none of their business.
std::optional<Happening::Kind> kind_of(EventKind kind) {
  switch (kind) {
    case EventKind::created: return Happening::Kind::created;
    case EventKind::commented: return Happening::Kind::comment;
    case EventKind::status:
    case EventKind::priority:
    case EventKind::group:
    case EventKind::organisation:
    case EventKind::tags: return Happening::Kind::facts;
    case EventKind::merged: return Happening::Kind::merged;
    case EventKind::deleted: return Happening::Kind::deleted;
    case EventKind::edited:
    case EventKind::type:
    case EventKind::subject:
    case EventKind::assignee:
    case EventKind::category:
    case EventKind::product_area:
    case EventKind::severity:
    case EventKind::requester:
    case EventKind::field:
    case EventKind::redacted:
    case EventKind::sla: break;
  }
  return {};
}

}  // namespace

bool changes_clocks(EventKind kind) { return kind_of(kind).has_value(); }

std::vector<Happening> happenings_of(Tx& tx, tickets::TicketId id, Instant known) {
  std::vector<tickets::Event> events = tickets::events_of(tx, id);
  std::erase_if(events, [&](const tickets::Event& it) { return it.recorded > known; });
  std::vector<Happening> out;
  if (events.empty()) return out;
  std::map<tickets::MessageId, tickets::Message> messages;
  for (auto& message : tickets::messages_of(tx, id)) messages.emplace(message.id, std::move(message));

  // Learned of after something that happened later.
  std::map<std::int64_t, bool> late;
  Instant latest = Instant::min();
  for (const auto& event : events) {
    late[event.seq] = event.effective < latest;
    latest = std::max(latest, event.effective);
  }
  // A ticket is opened before anything else befalls it, whatever clocks say.
  std::ranges::stable_sort(events, {}, [](const tickets::Event& it) {
    return std::pair(it.change.kind != EventKind::created, it.effective);
  });

  Names names(tx);
  tickets::Ticket ticket;
  ticket.id = id;
  const Instant begin = events.front().effective;
  bool has_opening = false;
  for (const auto& event : events) {
    tickets::apply(ticket, event);
    const auto kind = kind_of(event.change.kind);
    if (!kind) continue;
    Happening it;
    it.kind = *kind;
    if (*kind == Happening::Kind::deleted && event.change.value == tickets::restored) {
      it.kind = Happening::Kind::restored;
    }
    it.at = std::max(event.effective, begin);
    it.late = late[event.seq];
    it.clamped = event.clamped;
    it.facts = facts_of(ticket, names);
    if (*kind == Happening::Kind::comment) {
      const auto message = messages.find(event.change.message);
      if (message == messages.end()) continue;
      it.who = who(message->second);
      it.is_public = message->second.visibility == tickets::Visibility::public_reply;
      // Its first words are the ticket's opening: they say who opened it, and answer nothing.
      if (!std::exchange(has_opening, true)) {
        out.front().who = it.who;
        continue;
      }
    }
    out.push_back(std::move(it));
  }
  return out;
}

}  // namespace supportd::sla
