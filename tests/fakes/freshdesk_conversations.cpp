// Replies and notes, merging.
#include <algorithm>

#include "tests/fakes/freshdesk.hpp"
#include "tests/fakes/freshdesk_html.hpp"

namespace supportd::fakes {
namespace {

constexpr int source_reply = 0, source_note = 2;

}  // namespace

FreshdeskConversation& Freshdesk::append(Row& it, FreshdeskConversation conversation, const std::vector<File>& files,
                                         Instant now) {
  conversation.id = ++last_id_;
  conversation.ticket_id = it.now.id;
  conversation.created = conversation.updated = now;
  conversation.attachments = keep_files(files, now);
  it.conversations.push_back(conversation.id);
  const bool note = conversation.source == source_note && conversation.is_private;
  FreshdeskConversation& kept = conversations_[conversation.id] = std::move(conversation);
  if (!note || options_.note_moves_updated_at) change(it, now, [](FreshdeskTicket&) {});
  return kept;
}

std::vector<std::int64_t> Freshdesk::keep_files(const std::vector<File>& files, Instant now) {
  std::vector<std::int64_t> ids;
  for (const File& file : files) {
    ids.push_back(++last_id_);
    attachments_[last_id_] = {last_id_, file, now};
  }
  return ids;
}

http::Response Freshdesk::list_conversations(const Call& call, std::int64_t id) {
  const Row& it = row(id);
  const Page page = page_of(call);
  const Instant as_of = call.now - Millis{random_.below(options_.list_lag.count() + 1)};
  std::vector<const FreshdeskConversation*> found;
  for (std::int64_t conversation : it.conversations) {
    const FreshdeskConversation& one = conversations_.at(conversation);
    if (one.created <= as_of) found.push_back(&one);
  }
  const std::size_t first = (page.number - 1) * page.size;
  json::Writer out;
  out.array([&] {
    for (std::size_t i = first; i < found.size() && i < first + page.size; ++i)
      write_conversation(out, *found[i], call.now);
  });
  http::Response response{200, {{"Content-Type", "application/json; charset=utf-8"}}, out.take()};
  if (first + page.size < found.size()) response.headers.set("Link", next_link(call, page));
  return response;
}

http::Response Freshdesk::add_conversation(const Call& call, std::int64_t id, bool reply) {
  Row& it = row(id);
  if (it.now.deleted || it.now.spam || archived(it.now, call.now)) throw FreshdeskFault{405, ""};
  const auto input = read_input(call.request, schema());
  const json::View body = input.body.root();
  validate(reply ? FreshdeskForm::reply : FreshdeskForm::note, body, schema());
  check_room(id, input.files);
  FreshdeskConversation conversation;
  conversation.user_id = body.integer("user_id", call.agent->id);
  conversation.html = sanitized(body.at("body").string());
  conversation.is_private = !reply && body.boolean("private", true);
  conversation.incoming = !reply && body.boolean("incoming", false);
  conversation.source = reply ? source_reply : source_note;
  json::Writer out;
  write_conversation(out, append(it, std::move(conversation), input.files, call.now), call.now);
  return {201, {{"Content-Type", "application/json; charset=utf-8"}}, out.take()};
}

http::Response Freshdesk::edit_conversation(const Call& call, std::int64_t id) {
  const auto found = conversations_.find(id);
  if (found == conversations_.end()) throw FreshdeskFault{404, ""};
  FreshdeskConversation& it = found->second;
  if (it.source != source_note || it.user_id != call.agent->id)
    throw refused(403, "access_denied", "You are not authorized to perform this action.");
  const auto input = read_input(call.request, schema());
  validate(FreshdeskForm::edit_conversation, input.body.root(), schema());
  it.html = sanitized(input.body.root().at("body").string());
  it.updated = call.now;
  it.edited = call.now;
  json::Writer out;
  write_conversation(out, it, call.now);
  return {200, {{"Content-Type", "application/json; charset=utf-8"}}, out.take()};
}

http::Response Freshdesk::delete_conversation(const Call&, std::int64_t id) {
  const auto found = conversations_.find(id);
  if (found == conversations_.end()) throw FreshdeskFault{404, ""};
  std::erase(row(found->second.ticket_id).conversations, id);
  conversations_.erase(found);
  return {204, {}, ""};
}

void Freshdesk::merge_into(std::int64_t primary, const std::vector<std::int64_t>& others, std::int64_t agent,
                           Instant now) {
  constexpr int closed = 5;
  std::string names;
  for (std::int64_t id : others) names += (names.empty() ? "#" : ", #") + std::to_string(id);
  Row& into = row(primary);
  for (std::int64_t id : others) row(id);
  append(into, {.user_id = agent, .html = html_of("Ticket " + names + " merged into this ticket"), .is_private = true},
         {}, now);
  for (std::int64_t id : others) {
    Row& it = row(id);
    append(it,
           {.user_id = agent,
            .html = html_of("This ticket is closed and merged into ticket #" + std::to_string(primary)),
            .is_private = true},
           {}, now);
    change(it, now, [](FreshdeskTicket& ticket) { ticket.status = closed; });
  }
}

http::Response Freshdesk::merge(const Call& call) {
  const auto input = read_input(call.request, schema());
  const json::View body = input.body.root();
  validate(FreshdeskForm::merge, body, schema());
  std::vector<std::int64_t> others;
  for (const auto& id : body.at("ticket_ids").items()) others.push_back(id.integer());
  merge_into(body.at("primary_id").integer(), others, call.agent->id, call.now);
  return {204, {}, ""};
}

}  // namespace supportd::fakes
