#include "jobs/aws_cases/owing.hpp"

#include <limits>

#include "daemon/json.hpp"
#include "jobs/tickets/messages.hpp"

namespace supportd::aws_cases {
namespace {

using store::Tx;

constexpr std::pair<Payload::What, const char*> whats[] = {
    {Payload::What::create, "create"}, {Payload::What::say, "say"}, {Payload::What::resolve, "resolve"}};

constexpr std::size_t most_file_line = 1'000;

// Files that AWS will not take, by what is known of them now.
std::string files_left_out(const std::vector<tickets::Attachment>& files) {
  std::vector<FileLine> lines;
  std::size_t taken = 0;
  for (const auto& file : files) {
    if (file.size > most_file_bytes) {
      lines.push_back({file.name, file.size, "more than 5 MB"});
    } else if (++taken > most_files) {
      lines.push_back({file.name, file.size, "more than 3 files"});
    }
  }
  return name_files(lines, most_file_line);
}

}  // namespace

std::string encode(const Payload& payload) {
  json::Writer out;
  out.object([&] {
    for (const auto& [what, name] : whats) {
      if (what == payload.what) out.member("what", name);
    }
    out.member("case", payload.row.value);
    if (payload.message.value != 0) out.member("message", payload.message.value);
    if (payload.subject.value != 0) out.member("subject", payload.subject.value);
    if (payload.body.value != 0) out.member("body", payload.body.value);
    if (payload.what == Payload::What::say) out.member("part", payload.part).member("parts", payload.parts);
  });
  return out.take();
}

Payload decode(const std::string& text) {
  const auto document = json::Document::parse(text, "effect of " + std::string(channel_name));
  const auto root = document.root();
  Payload out;
  const std::string name = root.at("what").string();
  for (const auto& [what, known] : whats) {
    if (name == known) out.what = what;
  }
  out.row = {root.at("case").integer()};
  out.message = {root.integer("message", 0)};
  out.subject = {root.integer("subject", 0)};
  out.body = {root.integer("body", 0)};
  out.part = static_cast<std::size_t>(root.integer("part", 1));
  out.parts = static_cast<std::size_t>(root.integer("parts", 1));
  return out;
}

void Owing::owe(Tx& tx, const Case& it, const std::string& key, outbox::Kind kind, const Payload& payload,
                Instant caused) const {
  context_.registry.outbox.owe(
      tx, {key, channel_name, lane_of(it.id), kind, subject_of(it.ticket), encode(payload), caused});
}

void Owing::say(Tx& tx, const Case& it, const tickets::Message& message, const std::vector<std::string>& parts,
                std::size_t first) const {
  for (std::size_t i = first; i < parts.size(); ++i) {
    const std::string key = "mirror:" + message.identity + ":" + it.key + ":" + std::to_string(i + 1);
    const std::string ref = outbox::ref_of(key);
    const std::string body = parts[i] + "\n\n" + marker_line(ref, i + 1, parts.size());
    add_write(tx, it.id, message.id, {ref, tickets::message_hash(body), false});
    owe(tx, it, key, outbox::Kind::message,
        {Payload::What::say, it.id, message.id, {}, store::put_text(tx, parts[i]), i + 1, parts.size()},
        message.created);
  }
}

void Owing::create(Tx& tx, const Section& section, const Case& it, const std::string& subject, const std::string& body,
                   std::optional<tickets::MessageId> began, Instant caused) const {
  const auto message = began ? tickets::find_message(tx, *began) : std::nullopt;
  std::string left_out;
  if (message) {
    tickets::want_attachments(tx, message->id);
    left_out = files_left_out(tickets::attachments_of(tx, message->id));
  }
  const auto parts = cut_into_parts(body, left_out);
  const tickets::MessageId number = message ? message->id : tickets::MessageId{};
  add_write(tx, it.id, number, {outbox::ref_of(it.key), tickets::message_hash(parts.front()), true});
  owe(tx, it, it.key, outbox::Kind::message,
      {Payload::What::create, it.id, number, store::put_text(tx, subject), store::put_text(tx, parts.front())}, caused);
  if (message) say(tx, it, *message, parts, 1);
  for (const auto& other : tickets::messages_of(tx, it.ticket)) {
    // What was said while the case was being decided, and to the resolved one that it follows.
    if (other.id == number || other.ours || is_own_origin(other.origin) || was_owed(tx, other.id)) continue;
    if (other.visibility == tickets::Visibility::public_reply && other.created < it.marked) continue;
    this->message(tx, section, it, other, caused);
  }
}

void Owing::message(Tx& tx, const Section& section, const Case& it, const tickets::Message& message,
                    Instant now) const {
  const auto text =
      addressed_to_aws(section.address, message.visibility, message.author, tickets::text_of(tx, message));
  if (!text) return;
  if (it.customer_visible && message.visibility == tickets::Visibility::private_note) {
    not_sent(tx, section, it, message.identity,
             "AWS mails this case to the requester too, so private notes must not go there", now);
    return;
  }
  tickets::want_attachments(tx, message.id);
  say(tx, it, message, cut_into_parts(*text, files_left_out(tickets::attachments_of(tx, message.id))), 0);
}

void Owing::since(Tx& tx, const Section& section, const Case& it, Instant from, Instant until, Instant now) const {
  for (const auto& said : tickets::messages_of(tx, it.ticket)) {
    if (said.created <= from || said.created > until || said.ours || is_own_origin(said.origin) ||
        was_owed(tx, said.id))
      continue;
    message(tx, section, it, said, now);
  }
}

void Owing::erase(Tx& tx, tickets::TicketId ticket, tickets::MessageId message) const {
  outbox::Filter filter;
  filter.subject = subject_of(ticket);
  filter.channel = channel_name;
  filter.most = std::numeric_limits<int>::max();
  for (const outbox::Effect& effect : context_.registry.outbox.list(tx, filter)) {
    const Payload payload = decode(effect.payload);
    if (payload.message != message) continue;
    for (const store::ContentId content : {payload.subject, payload.body}) {
      if (content.value != 0) store::erase(tx, content);
    }
  }
  tx.exec("UPDATE aws_write SET hash = '' WHERE message = :message", message);
}

void Owing::resolve(Tx& tx, const Case& it, Instant caused) const {
  owe(tx, it, "set:aws:" + it.key + ":resolved", outbox::Kind::state, {Payload::What::resolve, it.id, {}, {}, {}, 1, 1},
      caused);
}

void Owing::not_sent(Tx& tx, const Section& section, const Case& it, const std::string& what, const std::string& reason,
                     Instant now) const {
  add_note(tx, context_.kernel, it.ticket, "note:not-sent:" + it.key + ":" + what,
           render(texts_in(section, it.language).not_sent, {{"reason", reason}}), now);
}

}  // namespace supportd::aws_cases
