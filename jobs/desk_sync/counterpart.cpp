#include "jobs/desk_sync/counterpart.hpp"

#include <algorithm>

#include "daemon/json.hpp"
#include "daemon/run/each.hpp"
#include "jobs/desk_sync/delivery.hpp"
#include "jobs/desk_sync/ended.hpp"
#include "jobs/desk_sync/marker.hpp"
#include "jobs/desk_sync/owing.hpp"

namespace supportd::desk_sync {
namespace {

using outbox::Looked;
using outbox::Sent;
using store::Tx;
using tickets::EventKind;

constexpr int most_pages_looked_through = 30;

bool is_end(EventKind kind) { return kind == EventKind::deleted || kind == EventKind::merged; }

bool may_start_taking_part(EventKind kind) {
  return kind == EventKind::commented || kind == EventKind::tags || kind == EventKind::field ||
         kind == EventKind::status;
}

// Without what a desk may not know: the first write to the ticket sends that field by field, and lists what is refused.
connectors::NewTicket bare(connectors::NewTicket ticket) {
  ticket.type = ticket.group_id = ticket.assignee_id = "";
  ticket.fields.clear();
  ticket.key += ":bare";
  return ticket;
}

bool is_bare(const connectors::NewTicket& ticket) {
  return ticket.type.empty() && ticket.group_id.empty() && ticket.assignee_id.empty() && ticket.fields.empty();
}

std::string lane_of_new(const std::string& system, tickets::TicketId ticket) {
  return system + ":new:" + std::to_string(ticket.value);
}

// One with this marker is the ticket's.
void expect(Tx& tx, const std::string& system, tickets::TicketId ticket, const std::string& key,
            tickets::MessageId message) {
  tx.exec(
      "INSERT INTO desk_counterpart (system, marker, ticket, message) VALUES (:system, :marker, :ticket, :message) ON "
      "CONFLICT (system, marker) DO UPDATE SET ticket = excluded.ticket, message = excluded.message",
      system, marker_tag(outbox::ref_of(key)), ticket, message);
}

void owe(Tx& tx, outbox::Outbox& outbox, const std::string& system, tickets::TicketId ticket, std::string key,
         Instant caused_at, const tickets::Message* message, const std::string& follows) {
  json::Writer payload;
  payload.object([&] {
    payload.member("what", "counterpart").member("ticket", ticket.value);
    if (message != nullptr) payload.member("message", message->id.value).member("follows", follows);
  });
  expect(tx, system, ticket, key, message == nullptr ? tickets::MessageId{} : message->id);
  outbox.owe(tx, {.key = std::move(key),
                  .channel = system,
                  .lane = lane_of_new(system, ticket),
                  .kind = outbox::Kind::message,
                  .subject = subject_of(ticket),
                  .payload = payload.take(),
                  .caused_at = caused_at});
}

}  // namespace

std::string origin_name(Tx& tx, const tickets::Ticket& ticket) {
  for (const tickets::Link& link : tickets::links_of(tx, ticket.id)) {
    if (link.system == ticket.origin) return link.system + ":" + link.remote_id;
  }
  return "ticket:" + std::to_string(ticket.id.value);
}

void owe_counterparts(Tx& tx, outbox::Outbox& outbox, const std::vector<WantingDesk>& desks,
                      const tickets::Happening& happening) {
  const tickets::Ticket& ticket = happening.after;
  const EventKind kind = happening.event.change.kind;
  const bool ended = ticket.deleted || ticket.merged_into;
  if (ended ? !is_end(kind) : !may_start_taking_part(kind)) return;
  for (const WantingDesk& desk : desks) {
    if (desk.system == ticket.origin || tickets::link_of(tx, ticket.id, desk.system)) continue;
    const std::string key = "counterpart:" + desk.system + ":" + origin_name(tx, ticket);
    if (ended) {
      // None is made any more. One that a restored ledger has forgotten may be there.
      expect(tx, desk.system, ticket.id, key, {});
    } else if (tickets::is_unsolved(ticket.status) && desk.mapping.takes_part.takes(ticket)) {
      // A restored ledger may have forgotten one that was made at any time since the ticket was.
      owe(tx, outbox, desk.system, ticket.id, key, ticket.created, nullptr, "");
    }
  }
}

void owe_follow_up(Tx& tx, outbox::Outbox& outbox, const tickets::Link& link, const tickets::Message& message) {
  owe(tx, outbox, link.system, link.ticket, "follow:" + link.system + ":" + link.remote_id + ":" + message.identity,
      message.created, &message, link.remote_id);
}

std::optional<Made> made_with(Tx& tx, const std::string& system, const std::string& marker) {
  const auto row = tx.one<tickets::TicketId, tickets::MessageId, std::string, std::string>(
      "SELECT ticket, message, asked, remote_id FROM desk_counterpart WHERE system = :system AND marker = :marker",
      system, marker);
  if (!row) return {};
  return Made{std::get<0>(*row), std::get<1>(*row), std::get<2>(*row), std::get<3>(*row)};
}

void note_asked(Tx& tx, const std::string& system, const std::string& marker, const Snapshot& values) {
  tx.exec("UPDATE desk_counterpart SET asked = :asked WHERE system = :system AND marker = :marker", encode(values),
          system, marker);
}

Snapshot agreed_at_birth(Snapshot asked, const Snapshot& desk) {
  std::erase_if(asked.fields, [&](const auto& field) { return !desk.fields.contains(field.first); });
  for (const auto member : {&Snapshot::type, &Snapshot::group, &Snapshot::assignee}) {
    if ((desk.*member).empty()) (asked.*member).clear();
  }
  return asked;
}

void end_predecessors(Tx& tx, const std::string& system, tickets::TicketId ticket) {
  for (tickets::Link& old : tickets::links_of(tx, ticket)) {
    if (old.system != system || old.state != closed_link) continue;
    old.state = followed_link;
    tickets::save_link(tx, old);
  }
}

const tickets::Message& opening_of(const std::vector<tickets::Message>& messages) {
  return *std::ranges::min_element(messages, {}, &tickets::Message::id);
}

std::vector<tickets::Message> words_for(Tx& tx, const tickets::Link& link, tickets::MessageId from) {
  std::vector<tickets::Message> out;
  std::vector<tickets::Message> all = tickets::messages_of(tx, link.ticket);
  if (all.empty()) return out;
  // A public opening is the counterpart's own description; not a follow-up's.
  const tickets::MessageId opening = from.value == 0 ? opening_of(all).id : tickets::MessageId{};
  for (tickets::Message& message : all) {
    const bool is_description = message.id == opening && message.visibility == tickets::Visibility::public_reply;
    if (is_description || message.id < from || message.origin == link.system || message.ours) continue;
    out.push_back(std::move(message));
  }
  return out;
}

void catch_up(Tx& tx, outbox::Outbox& outbox, const Mapping& mapping, const tickets::Link& link,
              tickets::MessageId from) {
  if (link.state != "live" && link.state != closed_link) return;
  for (const tickets::Message& message : words_for(tx, link, from)) owe_comment(tx, outbox, link, message);
  const tickets::Ticket ticket = tickets::load(tx, link.ticket);
  if (!ticket.deleted && !ticket.merged_into) {
    owe_fields(tx, outbox, link.system, link.remote_id, link.ticket, ticket.updated);
    return;
  }
  const auto events = tickets::events_of(tx, link.ticket);
  const auto end = std::ranges::find_if(events.rbegin(), events.rend(), is_end,
                                        [](const tickets::Event& event) { return event.change.kind; });
  if (end != events.rend() && end->origin != link.system) owe_end(tx, outbox, link, mapping, ticket, *end);
}

void counterpart_is_there(Tx& tx, outbox::Outbox& outbox, const Mapping& mapping, const tickets::Link& link,
                          tickets::MessageId follows_with) {
  if (follows_with.value != 0) end_predecessors(tx, link.system, link.ticket);
  tx.exec(
      "UPDATE desk_counterpart SET remote_id = :remote_id WHERE system = :system AND ticket = :ticket AND message = "
      ":message",
      link.remote_id, link.system, link.ticket, follows_with);
  catch_up(tx, outbox, mapping, link, follows_with);
}

Sent CounterpartDelivery::send(std::stop_token stop) {
  const auto form = desk_->form(stop).fields;
  // What it does not take, the first write to it lists.
  auto ticket = ticket_;
  take_out_unknown(ticket.fields, form);
  std::optional<Sent> sent;
  const auto make = [&](connectors::NewTicket as) {
    leave_to_fields(as.tags, as.fields, form);
    const auto made = desk_->create(as, stop);
    Snapshot asked = agreed_at_birth(values_, snapshot_of(made));
    std::erase_if(asked.tags, [&](const auto& tag) { return !std::ranges::binary_search(as.tags, tag); });
    sent = Sent{made.id, encode_answer(made, &asked)};
  };
  run::each(std::initializer_list<connectors::NewTicket>{ticket}, make,
            [&](const connectors::NewTicket&, const std::exception& error) {
              const auto* known = dynamic_cast<const Error*>(&error);
              if (known == nullptr || known->kind() != ErrorKind::refused || is_bare(ticket)) throw;
            });
  if (!sent) make(bare(ticket));
  return *sent;
}

bool CounterpartDelivery::is_it(const connectors::DeskTicket& row) const {
  return row.created >= since_ && std::ranges::find(row.tags, ticket_.tags.back()) != row.tags.end();
}

Looked CounterpartDelivery::find(std::stop_token stop) {
  const auto found = [](const connectors::DeskTicket& row) {
    return Looked{Looked::Answer::found, {row.id, encode_answer(row)}};
  };
  if (desk_->keeps_external_ids()) {
    // A follow-up carries its predecessor's external id no less.
    for (const auto& row : desk_->by_external_id(ticket_.external_id, stop)) {
      if (is_it(row)) return found(row);
    }
    return {Looked::Answer::absent, {}};
  }
  std::string cursor;
  for (int page = 0; page < most_pages_looked_through; ++page) {
    const auto rows = desk_->changes(cursor, since_, stop);
    for (const auto& row : rows.tickets) {
      if (is_it(row)) return found(row);
    }
    if (!rows.bad.empty()) return {Looked::Answer::cannot_tell, {}};  // one of them might be it
    if (!rows.more) return {Looked::Answer::absent, {}};
    cursor = rows.cursor;
  }
  return {Looked::Answer::cannot_tell, {}};
}

}  // namespace supportd::desk_sync
