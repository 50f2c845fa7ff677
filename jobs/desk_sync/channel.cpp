#include "jobs/desk_sync/channel.hpp"

#include "daemon/json.hpp"
#include "daemon/time/zone.hpp"
#include "jobs/desk_sync/counterpart.hpp"
#include "jobs/desk_sync/delivery.hpp"
#include "jobs/desk_sync/ended.hpp"
#include "jobs/desk_sync/marker.hpp"
#include "jobs/desk_sync/owing.hpp"
#include "jobs/desk_sync/quarrel.hpp"
#include "jobs/desk_sync/reading.hpp"
#include "jobs/tickets/links.hpp"
#include "jobs/tickets/messages.hpp"
#include "jobs/tickets/people.hpp"
#include "jobs/tickets/text.hpp"

namespace supportd::desk_sync {
namespace {

using outbox::Effect;
using outbox::Prepared;
using store::Tx;
using tickets::EventKind;

constexpr Millis usual_write{180'000};  // of a desk that is not connected now
constexpr Millis clock_slack{15 * 60'000};

Prepared wait(std::string reason) { return {nullptr, Prepared::Otherwise::wait, std::move(reason)}; }
Prepared moot(std::string reason) { return {nullptr, Prepared::Otherwise::moot, std::move(reason)}; }
Prepared refuse(std::string reason) { return {nullptr, Prepared::Otherwise::refuse, std::move(reason)}; }

// Comments of the ticket that cannot be the effect's: known messages, and what other effects have made.
std::set<std::string> taken_comments(Tx& tx, const Effect& effect, const tickets::Link& link) {
  std::set<std::string> out;
  const std::string prefix = comment_identity(link.system, "");
  for (const auto& message : tickets::messages_of(tx, link.ticket)) {
    if (message.identity.starts_with(prefix)) out.insert(message.identity.substr(prefix.size()));
  }
  for (const auto& id : tx.all<std::string>(
           "SELECT remote_id FROM effect WHERE lane = :lane AND remote_id IS NOT NULL AND id <> :id ORDER BY id",
           lane_of(link.system, link.remote_id), effect.id)) {
    out.insert(id);
  }
  return out;
}

// The files that travel with the message; nothing while some are still on their way here. What cannot travel is named
// in `lines`.
std::optional<std::vector<connectors::NewFile>> files_of(Tx& tx, tickets::MessageId message,
                                                         const connectors::FileRoom& room, std::string& lines) {
  std::vector<connectors::NewFile> out;
  std::size_t left = room.all;
  for (const auto& file : tickets::attachments_of(tx, message)) {
    const auto bytes = file.content ? store::get(tx, *file.content) : std::nullopt;
    const std::string name = tickets::without_direction(file.name);
    if (bytes && bytes->size() > std::min(room.each, left)) {
      const bool is_large = bytes->size() > room.each;
      lines += "\n" + missing_file_line(name, file.size, is_large ? "over the size limit" : "the message is full");
    } else if (bytes) {
      left -= bytes->size();
      out.push_back({name, file.content_type, *bytes});
    } else if (file.state == tickets::FileState::wanted || file.state == tickets::FileState::listed) {
      return {};
    } else {
      lines += "\n" + missing_file_line(name, file.size, file.note);
    }
  }
  return out;
}

// A desk shows a description as its requester's own words: another's say whose they are, as any public word does.
std::string description_of(Tx& tx, const tickets::Ticket& ticket, const tickets::Message& opening) {
  const std::string text = tickets::text_of(tx, opening);
  const auto author = tickets::find_alias(tx, opening.origin, opening.author_id);
  const bool is_requesters = author && ticket.requester == author->person;
  return is_requesters ? tickets::without_direction(text) : words_of(opening, text);
}

// The effect sends this text from now on, and is known by it while it is under way.
void freeze_comment(Tx& tx, const Effect& effect, const tickets::Message& message, const std::string& text) {
  tx.exec("UPDATE effect SET payload = :payload WHERE id = :id", comment_payload(message, text), effect.id);
}

}  // namespace

Millis DeskChannel::longest_write() const {
  const auto desk = desks_.find(system_);
  return desk ? desk->longest_write() : usual_write;
}

outbox::Traits DeskChannel::traits() const {
  const auto config = registry_.config.get();
  const auto& s = config->get<Section>("desk_sync");
  return {.certainty = outbox::Certainty::findable,
          .deadline = longest_write(),
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
  const std::string what = payload.at("what").string();
  if (what == "counterpart") return prepare_counterpart(tx, std::move(desk), effect, payload);
  auto link = tickets::link_of(tx, id, system_);
  if (!link) return refuse("the ticket is not linked to " + system_);
  if (what == "comment") link = heir_of(tx, *link).value_or(*link);
  if (what == "restore") return {std::make_unique<RestoreDelivery>(std::move(desk), link->remote_id), {}, {}};
  const bool is_word = what == "comment", in_doubt = effect.state == outbox::State::unknown;
  if (link->state != "live" && !(link->state == closed_link && is_word && in_doubt)) {
    const std::string why = "the ticket is " + link->state + " at " + system_;
    if (is_word && link->state == closed_link) {
      // Another word may have found it closed; this one goes where that one does.
      const auto message = tickets::find_message(tx, tickets::MessageId{payload.at("message").integer()});
      if (message) owe_follow_up(tx, registry_.outbox, *link, *message);
      return wait("waits for the follow-up of a closed ticket");
    }
    // A word that never got there is told of. Whether one in doubt did matters to nobody any more.
    return is_word && !in_doubt ? refuse(why) : moot(why);
  }
  if (what == "fields") return prepare_fields(tx, std::move(desk), tickets::load(tx, id), link->remote_id);
  if (what == "remove" && !tickets::load(tx, id).deleted) return moot("the ticket was restored");
  if (what == "remove") return {std::make_unique<RemoveDelivery>(std::move(desk), link->remote_id), {}, {}};
  if (what == "merge") return prepare_merge(tx, std::move(desk), effect, payload, *link);
  if (what == "notice") return prepare_notice(std::move(desk), effect, payload, *link);
  return prepare_comment(tx, std::move(desk), effect, payload, *link);
}

Prepared DeskChannel::prepare_fields(Tx& tx, DeskPtr desk, const tickets::Ticket& ticket,
                                     const std::string& remote_id) {
  const auto config = registry_.config.get();
  const Mapping& mapping = mapping_of(config->get<Section>("desk_sync"), system_);
  if (!takes_part_at(system_, ticket, mapping)) return moot("the rule takes the ticket no more");
  const auto link = tickets::link_of(tx, ticket.id, system_);
  const Snapshot agreed = decode_snapshot(link->agreed);
  std::map<std::string, std::string> missing;
  const Snapshot wanted = wanted_at(tx, system_, ticket, mapping, agreed, &missing);
  for (const auto& [field, value] : missing) list_once(tx, *link, field, value_of(agreed, field), value, "nobody");
  if (update_for(agreed, agreed, wanted, mapping).empty()) return moot("the desk has it already");
  return {std::make_unique<FieldsDelivery>(std::move(desk), remote_id, agreed, wanted, mapping), {}, {}};
}

Prepared DeskChannel::prepare_comment(Tx& tx, DeskPtr desk, const Effect& effect, const json::View& payload,
                                      const tickets::Link& link) {
  const auto message = tickets::find_message(tx, tickets::MessageId{payload.at("message").integer()});
  if (!message) return refuse("its message is gone");
  // What was edited, perhaps redacted, before it left goes as it is now.
  const store::ContentId content =
      message->edits > 0 && effect.attempts == 0 ? message->content : store::ContentId{payload.at("content").integer()};
  const auto text = store::get(tx, content);
  if (!text) return moot("its text was erased before it was sent");
  if (content != store::ContentId{payload.at("content").integer()}) freeze_comment(tx, effect, *message, *text);
  std::string missing;
  auto files = files_of(tx, message->id, desk->file_room(), missing);
  if (!files) return wait("waits for attachments");

  const auto config = registry_.config.get();
  const Section& section = config->get<Section>("desk_sync");
  const auto zone = time::Zone::find(section.zone).value();
  CommentToSend what;
  what.remote_id = link.remote_id;
  // A ticket that was solved there may have been closed since.
  const auto status = status_of(mapping_of(section, system_), decode_snapshot(link.agreed).status);
  what.may_be_closed = !tickets::is_unsolved(status);
  what.comment.is_public =
      message->visibility == tickets::Visibility::public_reply && mapping_of(section, system_).public_comments;
  what.comment.files = std::move(*files);
  what.comment.ref = effect.ref;
  what.ref = effect.ref;
  const std::string body =
      (what.comment.is_public ? words_of(*message, *text) : tickets::without_direction(*text)) + missing;
  const std::string author =
      message->author_name.empty() ? "supportd" : tickets::without_direction(message->author_name);
  what.comment.html = tickets::text_to_html(
      what.comment.is_public ? body : first_line(author, zone.to_text(message->created), effect.ref) + "\n" + body);
  what.hash = tickets::message_hash(without_missing_files(body));
  // It may have gone to the message's own ticket before that one was merged into this.
  const auto own = tickets::link_of(tx, message->ticket, system_);
  for (const auto& one : line_of(tx, own.value_or(link))) {
    what.taken.merge(taken_comments(tx, effect, one));
    if (one.ticket != link.ticket) what.may_be_at.push_back(one.remote_id);
  }
  what.not_before = (effect.attempts > 0 ? effect.attempt_at : effect.caused_at) - clock_slack;
  return {std::make_unique<CommentDelivery>(std::move(desk), std::move(what)), {}, {}};
}

Prepared DeskChannel::prepare_merge(Tx& tx, DeskPtr desk, const Effect& effect, const json::View& payload,
                                    const tickets::Link& link) {
  const tickets::TicketId id{payload.at("into").integer()};
  const auto into = tickets::link_of(tx, id, system_);
  if (into && into->state == "live") {
    return {std::make_unique<MergeDelivery>(std::move(desk), link.remote_id, into->remote_id), {}, {}};
  }
  const auto config = registry_.config.get();
  const Mapping& mapping = mapping_of(config->get<Section>("desk_sync"), system_);
  const auto ticket = tickets::load(tx, id);
  const bool is_coming = !into && mapping.counterpart == Counterpart::all && mapping.takes_part.takes(ticket) &&
                         tickets::is_unsolved(ticket.status);
  if (is_coming) return wait("waits for the counterpart that it is merged into");
  return prepare_notice(std::move(desk), effect, payload, link);
}

Prepared DeskChannel::prepare_notice(DeskPtr desk, const Effect& effect, const json::View& payload,
                                     const tickets::Link& link) {
  const auto config = registry_.config.get();
  const auto zone = time::Zone::find(config->get<Section>("desk_sync").zone).value();
  CommentToSend what;
  what.remote_id = link.remote_id;
  what.may_be_closed = true;
  what.comment.ref = what.ref = effect.ref;
  what.comment.html = tickets::text_to_html(first_line("supportd", zone.to_text(effect.caused_at), effect.ref) + "\n" +
                                            payload.at("text").string());
  return {std::make_unique<CommentDelivery>(std::move(desk), std::move(what)), {}, {}};
}

Prepared DeskChannel::prepare_counterpart(Tx& tx, DeskPtr desk, const Effect& effect, const json::View& payload) {
  const tickets::Ticket ticket = tickets::load(tx, {payload.at("ticket").integer()});
  const std::string follows = payload.string("follows", "");
  const auto link = tickets::link_of(tx, ticket.id, system_);
  if (link && link->remote_id != follows) return moot("the desk has it already");
  if (ticket.deleted || ticket.merged_into) return moot("the ticket is gone");
  const auto config = registry_.config.get();
  const Section& section = config->get<Section>("desk_sync");
  const Mapping& mapping = mapping_of(section, system_);
  if (!link && !mapping.takes_part.takes(ticket)) return moot("the rule takes the ticket no more");

  const auto requester = ticket.requester ? tickets::find_person(tx, *ticket.requester) : std::nullopt;
  if (!requester || requester->mail.empty()) return refuse("its requester has no mail address to be known by");
  std::string words = "This goes on from ticket " + follows + ", which is closed.", missing;
  std::vector<connectors::NewFile> files;
  if (follows.empty()) {
    const auto messages = tickets::messages_of(tx, ticket.id);
    if (messages.empty()) return wait("waits for its first message");
    const tickets::Message& opening = opening_of(messages);
    if (opening.visibility == tickets::Visibility::private_note) {
      // A description is everybody's; what was said among agents follows as a note.
      words = "Ticket " + origin_name(tx, ticket) + " began with a note among agents.";
    } else {
      tickets::want_attachments(tx, opening.id);
      auto held = files_of(tx, opening.id, desk->file_room(), missing);
      if (!held) return wait("waits for attachments");
      files = std::move(*held);
      words = description_of(tx, ticket, opening) + missing;
    }
  }

  Snapshot values =
      to_desk(with_facts(tx, ticket, mapping), remote_assignee(tx, system_, ticket, mapping), mapping, {});
  if (values.priority.empty()) values.priority = mapping.priority_out.at("normal");
  connectors::NewTicket out;
  out.subject = values.subject;
  out.html = tickets::text_to_html(words);
  out.status = values.status;
  out.priority = values.priority;
  out.type = values.type;
  out.group_id = values.group;
  out.assignee_id = values.assignee;
  out.tags = values.tags;
  out.fields = values.fields;
  out.files = std::move(files);
  out.requester_mail = requester->mail;
  out.requester_name = requester->name;
  out.follows = follows;
  out.external_id = origin_name(tx, ticket);
  out.key = effect.key;
  // Says that we made it, also to a ledger that has forgotten.
  out.tags.push_back(marker_tag(effect.ref));
  if (effect.state == outbox::State::queued) note_asked(tx, system_, out.tags.back(), values);
  // What a restored ledger has forgotten was made at any time since the ticket was.
  const bool known = effect.attempts > 0 && effect.attempt_at > registry_.outbox.certain_since();
  const Instant since = (known ? effect.attempt_at : ticket.created) - clock_slack;
  return {std::make_unique<CounterpartDelivery>(std::move(desk), std::move(out), std::move(values), since), {}, {}};
}

}  // namespace supportd::desk_sync
