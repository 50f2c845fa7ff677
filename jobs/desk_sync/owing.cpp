#include "jobs/desk_sync/owing.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "daemon/json.hpp"
#include "jobs/desk_sync/counterpart.hpp"
#include "jobs/desk_sync/ended.hpp"
#include "jobs/tickets/text.hpp"

namespace supportd::desk_sync {
namespace {

using store::Tx;
using tickets::EventKind;

bool concerns_fields(EventKind kind) {
  switch (kind) {
    case EventKind::status:
    case EventKind::priority:
    case EventKind::type:
    case EventKind::subject:
    case EventKind::assignee:
    case EventKind::group:
    case EventKind::organisation:
    case EventKind::tags:
    case EventKind::field: return true;
    default: return false;
  }
}

std::string fields_key(const std::string& system, const std::string& remote_id) {
  return "set:" + lane_of(system, remote_id) + ":fields";
}

// A word, to where it goes by the link.
void owe_word(Tx& tx, outbox::Outbox& outbox, const tickets::Link& link, tickets::MessageId id) {
  const auto message = tickets::find_message(tx, id);
  if (!message || message->ours) return;
  if (link.state == closed_link) return owe_follow_up(tx, outbox, link, *message);
  // Without an heir it is refused, so that somebody hears of it.
  const bool is_merged = link.state == merged_link;
  owe_comment(tx, outbox, is_merged ? heir_of(tx, link).value_or(link) : link, *message);
}

// The first word since the ticket took part there last, as it stood before that event; one that never did has missed
// nothing: what was said before the desks were joined stays where it is.
tickets::MessageId first_missed(Tx& tx, const tickets::Link& link, const Mapping& mapping, std::int64_t until) {
  constexpr tickets::MessageId none{std::numeric_limits<std::int64_t>::max()};
  tickets::MessageId out = none;
  tickets::Ticket ticket;
  bool took_part = false;
  for (const tickets::Event& event : tickets::events_of(tx, link.ticket)) {
    if (event.seq >= until) break;
    tickets::apply(ticket, event);
    const bool takes_part = takes_part_at(link.system, ticket, mapping);
    if (takes_part) {
      took_part = true;
      out = none;
    } else if (took_part && out == none && event.change.kind == EventKind::commented) {
      out = event.change.message;
    }
  }
  return out;
}

void owe_desk(Tx& tx, outbox::Outbox& outbox, const tickets::Link& link, const Mapping& mapping,
              const tickets::Happening& happening) {
  const tickets::Event& event = happening.event;
  const EventKind kind = event.change.kind;
  const bool takes_part = takes_part_at(link.system, happening.after, mapping);
  if (takes_part && !takes_part_at(link.system, happening.before, mapping)) {
    return catch_up(tx, outbox, mapping, link, first_missed(tx, link, mapping, event.seq));
  }
  if (link.system == event.origin) return;
  if (kind == EventKind::merged || kind == EventKind::deleted) {
    if (link.state == "live" || is_return(event.change)) owe_end(tx, outbox, link, mapping, happening.after, event);
  } else if (!takes_part) {
    return;
  } else if (kind == EventKind::commented) {
    if (link.state == "live" || link.state == closed_link || link.state == merged_link) {
      owe_word(tx, outbox, link, event.change.message);
    }
  } else if (concerns_fields(kind) && link.state == "live") {
    owe_fields(tx, outbox, link.system, link.remote_id, link.ticket, event.effective);
  }
}

}  // namespace

// What the desk's people read. A public word from another desk says whose it is; a note says so in its first line.
std::string words_of(const tickets::Message& message, const std::string& text) {
  const bool from_a_desk = message.author != tickets::Author::vendor;
  const bool is_named =
      message.visibility == tickets::Visibility::public_reply && from_a_desk && !message.author_name.empty();
  return tickets::without_direction(is_named ? message.author_name + ":\n" + text : text);
}

std::string comment_payload(const tickets::Message& message, const std::string& text) {
  json::Writer payload;
  payload.object([&] {
    payload.member("what", "comment").member("ticket", message.ticket.value).member("message", message.id.value);
    payload.member("content", message.content.value).member("hash", tickets::message_hash(words_of(message, text)));
  });
  return payload.take();
}

std::string mirror_key(const tickets::Message& message, const std::string& system) {
  return "mirror:" + message.identity + ":" + system;
}

std::vector<tickets::Link> line_of(Tx& tx, tickets::Link link) {
  std::vector<tickets::Link> out{std::move(link)};
  std::set<std::int64_t> seen;
  while (out.back().state == merged_link && seen.insert(out.back().ticket.value).second) {
    const auto into = tickets::load(tx, out.back().ticket).merged_into;
    auto next = into ? tickets::link_of(tx, *into, out.back().system) : std::nullopt;
    if (!next) break;
    out.push_back(std::move(*next));
  }
  return out;
}

std::optional<tickets::Link> heir_of(Tx& tx, tickets::Link link) {
  auto last = line_of(tx, std::move(link)).back();
  return last.state == merged_link ? std::nullopt : std::optional(std::move(last));
}

void owe_comment(Tx& tx, outbox::Outbox& outbox, const tickets::Link& link, const tickets::Message& message) {
  tickets::want_attachments(tx, message.id);
  outbox.owe(tx, {.key = mirror_key(message, link.system),
                  .channel = link.system,
                  .lane = lane_of(link.system, link.remote_id),
                  .kind = outbox::Kind::message,
                  .subject = subject_of(link.ticket),
                  .payload = comment_payload(message, tickets::text_of(tx, message)),
                  .caused_at = message.created});
}

bool fields_were_written(Tx& tx, const outbox::Outbox& outbox, const std::string& system,
                         const std::string& remote_id) {
  const auto effect = outbox.find_by_key(tx, fields_key(system, remote_id));
  return effect && effect->state == outbox::State::done;
}

void owe_fields(Tx& tx, outbox::Outbox& outbox, const std::string& system, const std::string& remote_id,
                tickets::TicketId ticket, Instant caused_at) {
  json::Writer payload;
  payload.object([&] { payload.member("what", "fields").member("ticket", ticket.value); });
  outbox.owe(tx, {.key = fields_key(system, remote_id),
                  .channel = system,
                  .lane = lane_of(system, remote_id),
                  .kind = outbox::Kind::state,
                  .subject = subject_of(ticket),
                  .payload = payload.take(),
                  .caused_at = caused_at});
}

void owe_desks(Tx& tx, outbox::Outbox& outbox, const std::vector<std::string>& systems, const Section& section,
               const tickets::Happening& happening) {
  const tickets::Event& event = happening.event;
  std::vector<WantingDesk> wanting;
  for (const std::string& system : systems) {
    const Mapping& mapping = mapping_of(section, system);
    if (mapping.counterpart == Counterpart::all) wanting.push_back({system, mapping});
  }
  if (!wanting.empty()) owe_counterparts(tx, outbox, wanting, happening);
  // What came from the only desk is owed to nobody; most events do.
  if (std::ranges::all_of(systems, [&](const std::string& system) { return system == event.origin; })) return;
  for (const tickets::Link& link : tickets::links_of(tx, event.ticket)) {
    if (std::ranges::find(systems, link.system) == systems.end()) continue;
    owe_desk(tx, outbox, link, mapping_of(section, link.system), happening);
  }
}

}  // namespace supportd::desk_sync
