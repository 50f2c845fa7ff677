#include "jobs/sla/happenings.hpp"

#include <algorithm>
#include <span>

#include "jobs/tickets/kernel.hpp"
#include "jobs/tickets/messages.hpp"
#include "jobs/tickets/people.hpp"

namespace supportd::sla {
namespace {

using store::Tx;
using tickets::EventKind;
using tickets::TicketId;

Happening::Who who(tickets::Author author) {
  switch (author) {
    case tickets::Author::customer: return Happening::Who::customer;
    case tickets::Author::agent: return Happening::Who::agent;
    case tickets::Author::vendor:
    case tickets::Author::system: break;
  }
  return Happening::Who::other;
}

// What organisations are called, and were.
class Names {
 public:
  explicit Names(Tx& tx) : tx_(tx) {}
  std::string at(std::optional<tickets::OrganisationId> id, Instant when) {
    const auto& all = of(id);
    const auto held = std::ranges::upper_bound(all, when, {}, &tickets::NameUntil::until);
    return held == all.end() ? "" : held->name;
  }
  // When it got another, after `from` and not after `to`.
  std::vector<Instant> changes(std::optional<tickets::OrganisationId> id, Instant from, Instant to) {
    std::vector<Instant> out;
    for (const auto& it : of(id)) {
      if (it.until > from && it.until <= to && it.until != time::never) out.push_back(it.until);
    }
    return out;
  }

 private:
  const std::vector<tickets::NameUntil>& of(std::optional<tickets::OrganisationId> id) {
    const auto [at, is_new] = known_.try_emplace(id ? id->value : 0);
    if (is_new && id) at->second = tickets::names_of(tx_, *id);
    return at->second;
  }

  Tx& tx_;
  std::map<std::int64_t, std::vector<tickets::NameUntil>> known_;
};

Facts facts_of(const tickets::Ticket& ticket, Names& names, Instant at) {
  Facts out;
  out.status = ticket.status;
  out.priority = ticket.priority;
  out.group = ticket.group;
  out.organisation = names.at(ticket.organisation, at);
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

// Of kinds that replace the value before.
bool is_value(EventKind kind) {
  return kind == EventKind::status || kind == EventKind::priority || kind == EventKind::group ||
         kind == EventKind::organisation || kind == EventKind::deleted;
}

// What was decided later holds from its own time on: it takes back what had been learned before it and is dated after
// it. So the last value is the ticket's, whose projection folds in recorded order (rule 16).
void take_back(std::vector<tickets::Event>& events, const std::vector<std::int64_t>& late) {
  for (const std::int64_t seq : late) {
    const auto decided = std::ranges::find(events, seq, &tickets::Event::seq);
    if (decided == events.end() || !is_value(decided->change.kind)) continue;
    const tickets::Event by = *decided;
    std::erase_if(events, [&](const tickets::Event& it) {
      return it.change.kind == by.change.kind && it.seq < by.seq && it.effective > by.effective;
    });
  }
}

// One ticket's events, told as happenings.
class Teller {
 public:
  // `known`: what was recorded until then.
  Teller(Names& names, Instant known) : names_(names), known_(known) {}

  // REQUIRES: events in recorded order, some; sayings of the ticket.
  std::vector<Happening> tell(std::vector<tickets::Event> events, std::span<const tickets::Saying> sayings) const {
    // Learned of after something that happened later.
    std::vector<std::int64_t> late;
    Instant latest = Instant::min();
    for (const auto& event : events) {
      if (event.effective < latest) late.push_back(event.seq);
      latest = std::max(latest, event.effective);
    }
    const auto when = [](const tickets::Event& it) {
      // A ticket is opened before anything else befalls it, whatever clocks say.
      return std::pair(it.change.kind != EventKind::created, it.effective);
    };
    if (!late.empty()) {
      take_back(events, late);
      std::ranges::stable_sort(events, {}, when);
    }

    std::vector<Happening> out;
    out.reserve(events.size());
    tickets::Ticket ticket;
    const Instant begin = events.front().effective;
    bool has_opening = false;
    Instant told = begin;
    for (const auto& event : events) {
      const Instant at = std::max(event.effective, begin);
      tell_names(out, ticket, told, at);
      told = at;
      tickets::apply(ticket, event);
      Happening it;
      it.kind = *kind_of(event.change.kind);
      if (it.kind == Happening::Kind::deleted && event.change.value == tickets::restored) {
        it.kind = Happening::Kind::restored;
      }
      it.at = at;
      it.late = std::ranges::find(late, event.seq) != late.end();
      it.clamped = event.clamped;
      it.facts = facts_of(ticket, names_, at);
      if (it.kind == Happening::Kind::comment) {
        const auto saying = std::ranges::find(sayings, event.change.message, &tickets::Saying::message);
        if (saying == sayings.end()) continue;
        it.who = who(saying->author);
        it.is_public = saying->visibility == tickets::Visibility::public_reply;
        // Its first words are the ticket's opening: they say who opened it, and answer nothing.
        if (!std::exchange(has_opening, true)) {
          out.front().who = it.who;
          continue;
        }
      }
      out.push_back(std::move(it));
    }
    tell_names(out, ticket, told, known_);
    open_with_all(out);
    return out;
  }

 private:
  // The ticket is its organisation's, whatever that is called.
  void tell_names(std::vector<Happening>& out, const tickets::Ticket& ticket, Instant from, Instant to) const {
    for (const Instant at : names_.changes(ticket.organisation, from, to)) {
      out.push_back({.kind = Happening::Kind::facts, .at = at, .facts = facts_of(ticket, names_, at)});
    }
  }

  // Desks tell of a new ticket in many words of one instant: it was opened with all of them.
  static void open_with_all(std::vector<Happening>& all) {
    const auto is_of_the_opening = [&](const Happening& it) {
      return it.at == all.front().at && (it.kind == Happening::Kind::created || it.kind == Happening::Kind::facts);
    };
    const auto end = std::ranges::find_if_not(all, is_of_the_opening);
    for (auto it = all.begin(); it != end; ++it) it->facts = std::prev(end)->facts;
  }

  Names& names_;
  const Instant known_;
};

}  // namespace

bool changes_clocks(EventKind kind) { return kind_of(kind).has_value(); }

std::vector<Happening> happenings_of(Tx& tx, TicketId ticket, Instant known) {
  auto all = histories_of(tx, ticket, ticket, known);
  return all.empty() ? std::vector<Happening>{} : std::move(all.front().happenings);
}

std::vector<History> histories_of(Tx& tx, TicketId first, TicketId last, Instant known) {
  const auto sayings = tickets::sayings_of(tx, first, last);
  std::vector<std::pair<TicketId, std::vector<tickets::Event>>> events;
  tickets::each_event(tx, first, last, [&](tickets::Event event) {
    if (event.recorded > known || !changes_clocks(event.change.kind)) return;
    if (events.empty() || events.back().first != event.ticket) events.push_back({event.ticket, {}});
    events.back().second.push_back(std::move(event));
  });
  Names names(tx);
  const Teller teller(names, known);
  std::vector<History> out;
  out.reserve(events.size());
  for (auto& [ticket, of_ticket] : events) {
    const auto words = std::ranges::equal_range(sayings, ticket, {}, &tickets::Saying::ticket);
    out.push_back({ticket, teller.tell(std::move(of_ticket), std::span(words.begin(), words.end()))});
  }
  return out;
}

}  // namespace supportd::sla
