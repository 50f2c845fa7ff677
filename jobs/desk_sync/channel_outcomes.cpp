// What the ledger learns of a write to a desk.
#include <algorithm>
#include <iterator>

#include "jobs/desk_sync/channel.hpp"
#include "jobs/desk_sync/counterpart.hpp"
#include "jobs/desk_sync/delivery.hpp"
#include "jobs/desk_sync/looks.hpp"
#include "jobs/desk_sync/marker.hpp"
#include "jobs/desk_sync/owing.hpp"

namespace supportd::desk_sync {
namespace {

using outbox::Effect;
using store::Tx;
using tickets::EventKind;

// Each tag by itself: where the two sides say the same, that is agreed. All are sorted.
std::vector<std::string> settled(const std::vector<std::string>& before, const std::vector<std::string>& desk,
                                 const std::vector<std::string>& ledger) {
  std::vector<std::string> both, either, kept, out;
  std::ranges::set_intersection(desk, ledger, std::back_inserter(both));
  std::ranges::set_union(desk, ledger, std::back_inserter(either));
  std::ranges::set_intersection(before, either, std::back_inserter(kept));
  std::ranges::set_union(both, kept, std::back_inserter(out));
  return out;
}

// Only what we sent is agreed by a write: what the desk's people changed meanwhile is for the next pull to find.
Snapshot agreed_after(const Snapshot& before, const Snapshot& answer, const Snapshot& wanted, Instant updated) {
  Snapshot agreed = before;
  const auto settle = [](std::string& mine, const std::string& desk, const std::string& ledger) {
    if (desk == ledger) mine = desk;
  };
  settle(agreed.status, answer.status, wanted.status);
  if (agreed.status != before.status) agreed.status_since = updated;
  settle(agreed.priority, answer.priority, wanted.priority);
  settle(agreed.type, answer.type, wanted.type);
  settle(agreed.subject, answer.subject, wanted.subject);
  settle(agreed.assignee, answer.assignee, wanted.assignee);
  settle(agreed.group, answer.group, wanted.group);
  for (const auto& [name, value] : answer.fields) {
    const auto ours = wanted.fields.find(name);
    settle(agreed.fields[name], value, ours == wanted.fields.end() ? "" : ours->second);
  }
  agreed.tags = settled(before.tags, answer.tags, wanted.tags);
  return agreed;
}

}  // namespace

// A difference that stays, listed once while both sides keep their own.
void DeskChannel::list_once(Tx& tx, const tickets::Link& link, const std::string& field, const std::string& desk,
                            const std::string& ledger, const char* winner) {
  if (tx.one<std::int64_t>("SELECT id FROM desk_conflict WHERE ticket = :ticket AND system = :system AND field = "
                           ":field AND desk = :desk "
                           "AND ledger = :ledger AND resolved = '' LIMIT 1",
                           link.ticket, system_, field, desk, ledger)) {
    return;
  }
  tx.exec(
      "INSERT INTO desk_conflict (ticket, system, field, agreed, desk, ledger, winner, at) VALUES (:ticket, :system, "
      ":field, :agreed, :desk, :ledger, :winner, :at)",
      link.ticket, system_, field, desk, desk, ledger, winner, registry_.clock.now());
}

// A field that the desk took. What it made of it by a rule of its own is a change of the desk's, for the next read.
void DeskChannel::settle_taken(Tx& tx, const tickets::Link& link, const std::string& field, const Answer& answer,
                               const Snapshot& wanted, Snapshot& agreed) {
  tx.exec(
      "UPDATE desk_conflict SET resolved = 'written since' WHERE ticket = :ticket AND system = :system AND field = "
      ":field AND winner = 'refused' AND resolved = ''",
      link.ticket, system_, field);
  const std::string sent = value_of(wanted, field);
  if (field != "tags" && value_of(answer.snapshot, field) != sent) set_value(agreed, field, sent);
}

// Who read the ticket since we wrote to it did not know of that: what they found is judged once more.
void DeskChannel::look_again(Tx& tx, tickets::Link& link) {
  constexpr Millis soon{1'000};
  link.seen.clear();
  Looks(registry_.deadlines).again(tx, system_, link.remote_id, registry_.clock.now(), soon);
}

void DeskChannel::finished(Tx& tx, const Effect& effect, const outbox::Sent& sent, Instant) {
  const auto document = json::Document::parse(effect.payload, "effect");
  const auto payload = document.root();
  const std::string what = payload.at("what").string();
  if (what == "counterpart") return counterpart_made(tx, effect, payload, sent);
  if (what == "merge" || what == "remove" || what == "restore" || what == "notice")
    return;  // what became of it, the next read tells
  if (sent.answer.empty()) return;
  if (what == "fields") return fields_sent(tx, {payload.at("ticket").integer()}, sent.answer);
  if (sent.answer != CommentDelivery::was_closed) return;
  // Nothing was written: the word is owed anew to what goes on for the ticket.
  tx.exec("UPDATE effect SET key = key || ':closed' WHERE id = :id", effect.id);
  auto link = tickets::link_of(tx, {payload.at("ticket").integer()}, system_);
  if (link) link = heir_of(tx, *link);
  if (link) close(tx, std::move(*link), {payload.at("message").integer()});
}

void DeskChannel::fields_sent(Tx& tx, tickets::TicketId id, const std::string& text) {
  auto link = tickets::link_of(tx, id, system_);
  if (!link) return;
  const Answer answer = decode_answer(text);
  const Snapshot before = decode_snapshot(link->agreed);
  // What the ledger wanted when this left: it may have changed its mind since.
  const Snapshot wanted = answer.sent.value_or(before);
  Snapshot agreed = agreed_after(before, answer.snapshot, wanted, answer.updated);
  for (const std::string& field : answer.written.fields) {
    settle_taken(tx, *link, field, answer, wanted, agreed);
  }
  for (const std::string& field : answer.written.refused) {
    list_once(tx, *link, field, value_of(answer.snapshot, field), value_of(wanted, field), "refused");
  }
  link->agreed = encode(agreed);
  for (const std::string& field : answer.written.perhaps_lost) {
    tx.exec(
        "INSERT INTO desk_conflict (ticket, system, field, agreed, desk, ledger, winner, at) VALUES (:ticket, :system, "
        ":field, '', :desk, '', 'ledger', :at)",
        id, system_, field, "edited between our read and our write: an edit of this field may be lost",
        registry_.clock.now());
  }
  if (!answer.written.fields.empty() && link->remote_updated >= answer.updated) look_again(tx, *link);
  // Otherwise `seen` stays: somebody may have commented before this write, and only the next pull reads comments. Rows
  // that were read before this write are older than what we know now.
  link->remote_updated = std::max(link->remote_updated, answer.updated);
  tickets::save_link(tx, *link);
}

void DeskChannel::counterpart_made(Tx& tx, const Effect& effect, const json::View& payload, const outbox::Sent& sent) {
  const tickets::TicketId id{payload.at("ticket").integer()};
  const tickets::MessageId follows_with{payload.integer("message", 0)};
  if (tickets::find_link(tx, system_, sent.remote_id)) return;  // a read was faster
  // What the desk made of it at once, by rules of its own, is for the next pull to find.
  const Answer answer = decode_answer(sent.answer);
  Snapshot asked = answer.snapshot;
  if (answer.sent) {
    asked = *answer.sent;
  } else if (const auto made = made_with(tx, system_, marker_tag(effect.ref)); made && !made->asked.empty()) {
    asked = decode_snapshot(made->asked);  // it was found, and its people may have changed it since
  }
  const std::string agreed = encode(agreed_at_birth(std::move(asked), answer.snapshot));
  const tickets::Link link{system_, sent.remote_id, id, agreed, "", answer.updated, "live"};
  tickets::save_link(tx, link);
  const auto config = registry_.config.get();
  counterpart_is_there(tx, registry_.outbox, mapping_of(config->get<Section>("desk_sync"), system_), link,
                       follows_with);
}

void DeskChannel::close(Tx& tx, tickets::Link link, tickets::MessageId message) {
  link.state = closed_link;
  tickets::save_link(tx, link);
  if (const auto found = tickets::find_message(tx, message)) owe_follow_up(tx, registry_.outbox, link, *found);
}

void DeskChannel::refused(Tx& tx, const Effect& effect, const Error& why, Instant now) {
  const auto document = json::Document::parse(effect.payload, "effect");
  const tickets::TicketId id{document.root().at("ticket").integer()};
  if (why.kind() == ErrorKind::gone) {
    if (auto link = tickets::link_of(tx, id, system_); link && link->state == "live") {
      link->state = "gone";
      tickets::save_link(tx, *link);
    }
    return;
  }
  const tickets::Ticket ticket = tickets::load(tx, id);
  const bool closing = ticket.status == tickets::Status::solved || ticket.status == tickets::Status::closed;
  if (effect.kind != outbox::Kind::state || why.code() != "missing_field" || !closing) return;
  // The desk wants fields filled in before it lets the ticket be closed: it stays open, and its people are told.
  const std::string mark = effect.key + ":" + std::to_string(effect.version);
  tickets::Change change;
  change.kind = EventKind::status;
  change.value = "open";
  kernel_.append(tx, {id, change, now, "desk_sync", system_, "refused:" + mark}, now);
  tickets::NewMessage note;
  note.ticket = id;
  note.identity = "desk_sync:refused:" + mark;
  note.origin = "desk_sync";
  note.author = tickets::Author::system;
  note.author_name = "supportd";
  note.visibility = tickets::Visibility::private_note;
  note.created = now;
  note.text = std::string("The desk refused to close this ticket: ") + why.what() +
              "\nIt stays open. Fill in what is missing and solve it again.";
  tickets::add_message(tx, kernel_, note, now);
}

}  // namespace supportd::desk_sync
