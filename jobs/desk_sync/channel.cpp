#include "jobs/desk_sync/channel.hpp"

#include "daemon/json.hpp"
#include "daemon/time/zone.hpp"
#include "jobs/desk_sync/delivery.hpp"
#include "jobs/desk_sync/marker.hpp"
#include "jobs/tickets/links.hpp"
#include "jobs/tickets/messages.hpp"
#include "jobs/tickets/text.hpp"

namespace supportd::desk_sync {
namespace {

using outbox::Effect;
using outbox::Prepared;
using store::Tx;
using tickets::EventKind;

constexpr Millis desk_call_deadline{180'000};  // a comment with files
constexpr Millis clock_slack{5 * 60'000};

Prepared wait(std::string reason) { return {nullptr, Prepared::Otherwise::wait, std::move(reason)}; }
Prepared moot(std::string reason) { return {nullptr, Prepared::Otherwise::moot, std::move(reason)}; }
Prepared refuse(std::string reason) { return {nullptr, Prepared::Otherwise::refuse, std::move(reason)}; }

// Comments of the ticket that cannot be the effect's: known messages, and what other effects have made.
std::set<std::string> taken_comments(Tx& tx, const std::string& system, const Effect& effect,
                                     tickets::TicketId ticket) {
  std::set<std::string> out;
  const std::string prefix = system + ":conversation:";
  for (const auto& message : tickets::messages_of(tx, ticket)) {
    if (message.identity.starts_with(prefix)) out.insert(message.identity.substr(prefix.size()));
  }
  for (const auto& id : tx.all<std::string>(
           "SELECT remote_id FROM effect WHERE lane = :lane AND remote_id IS NOT NULL AND id <> :id ORDER BY id",
           effect.lane, effect.id)) {
    out.insert(id);
  }
  return out;
}

// The files that travel with the message; nothing while some are still on their way here. What cannot travel is named
// in `lines`.
std::optional<std::vector<connectors::NewFile>> files_of(Tx& tx, tickets::MessageId message, std::string& lines) {
  std::vector<connectors::NewFile> out;
  for (const auto& file : tickets::attachments_of(tx, message)) {
    const auto bytes = file.content ? store::get(tx, *file.content) : std::nullopt;
    if (bytes) {
      out.push_back({file.name, file.content_type, *bytes});
    } else if (file.state == tickets::FileState::wanted || file.state == tickets::FileState::listed) {
      return {};
    } else {
      lines += "\n[attachment not copied: " + file.name + ", " + std::to_string(file.size) + " bytes" +
               (file.note.empty() ? "" : ", " + file.note) + "]";
    }
  }
  return out;
}

bool concerns_fields(EventKind kind) {
  switch (kind) {
    case EventKind::status:
    case EventKind::priority:
    case EventKind::type:
    case EventKind::subject:
    case EventKind::assignee:
    case EventKind::group:
    case EventKind::tags:
    case EventKind::field: return true;
    default: return false;
  }
}

void owe_comment(Tx& tx, outbox::Outbox& outbox, const tickets::Link& link, const tickets::Message& message) {
  tickets::want_attachments(tx, message.id);
  json::Writer payload;
  payload.object([&] {
    payload.member("what", "comment").member("ticket", link.ticket.value).member("message", message.id.value);
    payload.member("content", message.content.value).member("hash", message.hash);
  });
  outbox.owe(tx, {.key = "mirror:" + message.identity + ":" + link.system + ":" + link.remote_id,
                  .channel = link.system,
                  .lane = lane_of(link.system, link.remote_id),
                  .kind = outbox::Kind::message,
                  .subject = subject_of(link.ticket),
                  .payload = payload.take(),
                  .caused_at = message.created});
}

}  // namespace

void owe_fields(Tx& tx, outbox::Outbox& outbox, const std::string& system, const std::string& remote_id,
                tickets::TicketId ticket, Instant caused_at) {
  json::Writer payload;
  payload.object([&] { payload.member("what", "fields").member("ticket", ticket.value); });
  outbox.owe(tx, {.key = "set:" + lane_of(system, remote_id) + ":fields",
                  .channel = system,
                  .lane = lane_of(system, remote_id),
                  .kind = outbox::Kind::state,
                  .subject = subject_of(ticket),
                  .payload = payload.take(),
                  .caused_at = caused_at});
}

void owe_desks(Tx& tx, outbox::Outbox& outbox, const std::vector<std::string>& systems,
               const tickets::Happening& happening) {
  const tickets::Event& event = happening.event;
  // What came from the only desk is owed to nobody; most events do.
  if (std::ranges::all_of(systems, [&](const std::string& system) { return system == event.origin; })) return;
  for (const tickets::Link& link : tickets::links_of(tx, event.ticket)) {
    if (link.system == event.origin || link.state != "live") continue;
    if (std::ranges::find(systems, link.system) == systems.end()) continue;
    if (concerns_fields(event.change.kind)) {
      owe_fields(tx, outbox, link.system, link.remote_id, link.ticket, event.effective);
    } else if (event.change.kind == EventKind::commented) {
      const auto message = tickets::find_message(tx, event.change.message);
      if (message && !message->ours) owe_comment(tx, outbox, link, *message);
    }
  }
}

outbox::Traits DeskChannel::traits() const {
  const auto config = registry_.config.get();
  const auto& s = config->get<Section>("desk_sync");
  return {.certainty = outbox::Certainty::findable,
          .deadline = desk_call_deadline,
          .settle = std::max(s.settle, Millis{learned_.settle_ms}),
          .most_an_hour = s.most_effects_an_hour,
          .most_a_subject = s.most_effects_a_ticket};
}

Prepared DeskChannel::prepare(Tx& tx, const Effect& effect) {
  auto desk = desks_.find(system_);
  if (!desk) return {nullptr, Prepared::Otherwise::absent, system_};
  const auto document = json::Document::parse(effect.payload, "effect");
  const auto payload = document.root();
  const tickets::TicketId id{payload.at("ticket").integer()};
  const auto link = tickets::link_of(tx, id, system_);
  if (!link) return refuse("the ticket is not linked to " + system_);
  if (link->state != "live") return refuse("the ticket is " + link->state + " at " + system_);
  if (payload.at("what").string() == "fields") {
    return prepare_fields(tx, std::move(desk), tickets::load(tx, id), link->remote_id);
  }
  return prepare_comment(tx, std::move(desk), effect, payload, link->remote_id);
}

Prepared DeskChannel::prepare_fields(Tx& tx, DeskPtr desk, const tickets::Ticket& ticket,
                                     const std::string& remote_id) {
  const auto config = registry_.config.get();
  const Mapping& mapping = mapping_of(config->get<Section>("desk_sync"), system_);
  const Snapshot agreed = decode_snapshot(tickets::link_of(tx, ticket.id, system_)->agreed);
  const Snapshot wanted = to_desk(ticket, remote_assignee(tx, system_, ticket), mapping, agreed);
  if (update_for(agreed, agreed, wanted, mapping).empty()) return moot("the desk has it already");
  return {std::make_unique<FieldsDelivery>(std::move(desk), remote_id, agreed, wanted, mapping), {}, {}};
}

Prepared DeskChannel::prepare_comment(Tx& tx, DeskPtr desk, const Effect& effect, const json::View& payload,
                                      const std::string& remote_id) {
  const auto message = tickets::find_message(tx, tickets::MessageId{payload.at("message").integer()});
  if (!message) return refuse("its message is gone");
  const auto text = store::get(tx, store::ContentId{payload.at("content").integer()});
  if (!text) return moot("its text was erased before it was sent");
  std::string missing;
  auto files = files_of(tx, message->id, missing);
  if (!files) return wait("waits for attachments");

  const auto config = registry_.config.get();
  const auto zone = time::Zone::find(config->get<Section>("desk_sync").zone).value();
  CommentToSend what;
  what.remote_id = remote_id;
  what.comment.is_public = message->visibility == tickets::Visibility::public_reply;
  what.comment.files = std::move(*files);
  what.ref = effect.ref;
  const std::string body = *text + missing;
  const std::string author = message->author_name.empty() ? "supportd" : message->author_name;
  what.comment.html = tickets::text_to_html(
      what.comment.is_public ? body : first_line(author, zone.to_text(message->created), effect.ref) + "\n" + body);
  what.hash = tickets::message_hash(body);
  what.taken = taken_comments(tx, system_, effect, message->ticket);
  what.not_before = (effect.attempts > 0 ? effect.attempt_at : effect.caused_at) - clock_slack;
  return {std::make_unique<CommentDelivery>(std::move(desk), std::move(what)), {}, {}};
}

void DeskChannel::finished(Tx& tx, const Effect& effect, const outbox::Sent& sent, Instant) {
  if (effect.kind != outbox::Kind::state || sent.answer.empty()) return;
  const auto document = json::Document::parse(effect.payload, "effect");
  auto link = tickets::link_of(tx, {document.root().at("ticket").integer()}, system_);
  if (!link) return;
  const Answer answer = decode_answer(sent.answer);
  // Only what we sent is agreed by this: what the desk's people changed meanwhile is for the next pull to find.
  const Snapshot before = decode_snapshot(link->agreed);
  const auto ticket = tickets::load(tx, link->ticket);
  const auto config = registry_.config.get();
  const Mapping& mapping = mapping_of(config->get<Section>("desk_sync"), system_);
  const Snapshot wanted = to_desk(ticket, remote_assignee(tx, system_, ticket), mapping, before);
  Snapshot agreed = before;
  const auto settle = [&](std::string& mine, const std::string& desk, const std::string& ledger) {
    if (desk == ledger) mine = desk;
  };
  settle(agreed.status, answer.snapshot.status, wanted.status);
  if (agreed.status != before.status) agreed.status_since = answer.updated;
  settle(agreed.priority, answer.snapshot.priority, wanted.priority);
  settle(agreed.type, answer.snapshot.type, wanted.type);
  settle(agreed.subject, answer.snapshot.subject, wanted.subject);
  settle(agreed.assignee, answer.snapshot.assignee, wanted.assignee);
  settle(agreed.group, answer.snapshot.group, wanted.group);
  for (const auto& [name, value] : answer.snapshot.fields) {
    const auto ours = wanted.fields.find(name);
    settle(agreed.fields[name], value, ours == wanted.fields.end() ? "" : ours->second);
  }
  std::vector<std::string> common;
  std::ranges::set_intersection(answer.snapshot.tags, wanted.tags, std::back_inserter(common));
  agreed.tags = std::move(common);
  link->agreed = encode(agreed);
  // `seen` stays: somebody may have commented before this write, and only the next pull reads comments. Rows that were
  // read before this write are older than what we know now.
  link->remote_updated = std::max(link->remote_updated, answer.updated);
  tickets::save_link(tx, *link);
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
