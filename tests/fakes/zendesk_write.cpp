// Creating and changing tickets by the API.
#include <algorithm>
#include <set>

#include "daemon/digest.hpp"
#include "tests/fakes/codec.hpp"
#include "tests/fakes/zendesk.hpp"

namespace supportd::fakes {
namespace {

constexpr std::chrono::hours key_kept{2};
constexpr std::size_t longest_key = 255, most_comments = 5000;

const std::set<std::string> known_members = {"subject",
                                             "raw_subject",
                                             "comment",
                                             "description",
                                             "requester",
                                             "requester_id",
                                             "submitter_id",
                                             "assignee_id",
                                             "assignee_email",
                                             "group_id",
                                             "organization_id",
                                             "type",
                                             "priority",
                                             "status",
                                             "custom_status_id",
                                             "tags",
                                             "external_id",
                                             "custom_fields",
                                             "fields",
                                             "due_at",
                                             "ticket_form_id",
                                             "brand_id",
                                             "collaborator_ids",
                                             "collaborators",
                                             "additional_collaborators",
                                             "email_ccs",
                                             "email_cc_ids",
                                             "followers",
                                             "problem_id",
                                             "metadata",
                                             "safe_update",
                                             "updated_stamp",
                                             "via_followup_source_id",
                                             "via",
                                             "recipient"};

json::Document parsed(const http::Request& request) {
  try {
    auto document = json::Document::parse(request.body);
    if (document.root().is_object()) return document;
  } catch (const Error&) {
  }
  throw zendesk_error(400, "InvalidJSON", "The request body is not a JSON object");
}

json::View ticket_in(const json::Document& document) {
  const auto ticket = document.root().find("ticket");
  if (!ticket || !ticket->is_object()) throw zendesk_error(400, "ParameterMissing", "Parameter ticket is required");
  return *ticket;
}

// What is not known is left out of the update and named in a header.
void warn_of_unknown(const json::View& ticket, http::Response& response) {
  std::string names;
  for (const auto& [name, value] : ticket.members()) {
    if (!known_members.contains(name)) names += (names.empty() ? "\"ticket." : ", \"ticket.") + name + "\"";
  }
  if (!names.empty())
    response.headers.set("X-Zendesk-API-Warn",
                         "Removed restricted keys [" + names + "] from parameters according to allowlist");
}

}  // namespace

std::int64_t Zendesk::requester_of(const json::View& body, std::int64_t otherwise, Instant now) {
  const std::int64_t id = body.integer("requester_id", 0);
  if (id != 0 && !users_.contains(id)) throw record_invalid({{"requester", "Requester: is invalid"}});
  const auto person = body.find("requester");
  if (!person) return id == 0 ? otherwise : id;
  const std::string mail = person->string("email", "");
  if (mail.find('@') == std::string::npos) throw record_invalid({{"requester", "Requester: Email: is invalid"}});
  return user_for(mail, person->string("name", ""), now);
}

http::Response Zendesk::ticket_answer(int status, const Row& it, std::int64_t audit, Instant now) const {
  json::Writer out;
  out.object([&] {
    out.key("ticket");
    write_ticket(out, it.now);
    out.key("audit");
    write_audit(out, audit == 0 ? ZendeskAudit{0, it.now.id, 0, {"api"}, now, "{}", {}} : audits_.at(audit));
  });
  return zendesk_json(status, out.take());
}

http::Response Zendesk::create_once(const Call& call) {
  const auto key = call.request.headers.get("Idempotency-Key");
  if (!key) return create_ticket(call);
  if (key->empty() || key->size() > longest_key)
    throw zendesk_error(400, "IdempotentRequestError", "Idempotency key must be 1 to 255 characters long");
  const std::string hash = digest::sha256(call.request.body);
  const auto known = idempotency_.find(*key);
  if (known != idempotency_.end() && known->second.until > call.now) {
    if (known->second.hash != hash)
      throw zendesk_error(400, "IdempotentRequestError", "Request parameters don't match the given idempotency key");
    http::Response response = known->second.response;
    response.headers.set("x-idempotency-lookup", "hit");
    return response;
  }
  http::Response response = create_ticket(call);
  idempotency_[*key] = {hash, response, call.now + key_kept};
  response.headers.set("x-idempotency-lookup", "miss");
  return response;
}

http::Response Zendesk::create_ticket(const Call& call) {
  const auto document = parsed(call.request);
  const json::View body = ticket_in(document);
  ZendeskTicket ticket;
  ticket.via = {"api"};
  const std::int64_t source = body.integer("via_followup_source_id", 0);
  if (source != 0) {
    const auto closed = rows_.find(source);
    if (closed == rows_.end() || closed->second.now.status != "closed")
      throw record_invalid({{"via_followup_source_id", "Follow-up: the source ticket is not closed"}});
    ticket.tags = closed->second.now.tags;
    ticket.fields = closed->second.now.fields;
    ticket.via = {"api", "follow_up", source};
  }
  apply(body, ticket);
  check_solved(ticket);
  const std::int64_t requester = requester_of(body, call.user->id, call.now);
  const std::int64_t submitter = body.integer("submitter_id", call.user->id);
  auto comment = comment_of(body, true, submitter, call.now);
  if (!comment && !body.string("description", "").empty())
    comment = NewComment{submitter, zendesk_plain(body.at("description").string()), true, {}, {}};
  if (!comment) throw record_invalid({{"base", "Description: cannot be blank"}});
  if (ticket.subject.empty()) ticket.subject = comment->text.body.substr(0, comment->text.body.find('\n'));
  if (ticket.organization_id == 0) ticket.organization_id = users_.at(requester).organization_id;
  ticket.requester_id = requester;
  ticket.submitter_id = submitter;
  const ZendeskTicket numbered = fresh(call.now);
  ticket.id = numbered.id;
  ticket.created = ticket.updated = ticket.generated = call.now;
  const auto metadata = body.find("metadata");
  insert(ticket, {call.user->id, ticket.via, call.now, metadata ? metadata->dump() : "{}", comment});
  const Row& made = rows_.at(ticket.id);
  if (source != 0) rows_.at(source).now.followups.push_back(ticket.id);
  http::Response response = ticket_answer(201, made, made.audits.back(), call.now);
  response.headers.set("Location", url("tickets/" + std::to_string(ticket.id) + ".json"));
  warn_of_unknown(body, response);
  return response;
}

http::Response Zendesk::update_ticket(const Call& call, std::int64_t id) {
  Row& it = open_row(id);
  const auto document = parsed(call.request);
  const json::View body = ticket_in(document);
  if (random_.chance(options_.database_conflicts_per_million))
    throw zendesk_error(409, "DatabaseConflict", "Database collision");
  check_stamp(body, it.now);
  ZendeskTicket changed = it.now;
  apply(body, changed);
  changed.requester_id = requester_of(body, changed.requester_id, call.now);
  if (changed.status != it.now.status) check_solved(changed);
  if (it.comments.size() >= most_comments && body.find("comment"))
    throw record_invalid({{"base", "Ticket: has too many comments"}});
  const auto comment = comment_of(body, it.now.is_public, call.user->id, call.now);
  const auto metadata = body.find("metadata");
  const std::int64_t audit =
      commit(it, changed, {call.user->id, {"api"}, call.now, metadata ? metadata->dump() : "{}", comment});
  http::Response response = ticket_answer(200, it, audit, call.now);
  warn_of_unknown(body, response);
  return response;
}

http::Response Zendesk::change_tags(const Call& call, std::int64_t id) {
  const std::string& method = call.request.method;
  Row& it = method == "GET" ? living(id) : open_row(id);
  if (method != "GET") {
    const auto document = parsed(call.request);
    check_stamp(document.root(), it.now);
    const auto given = zendesk_tags(document.root().strings("tags"));
    ZendeskTicket changed = it.now;
    if (method == "POST") changed.tags = given;
    if (method == "PUT") changed.tags.insert(changed.tags.end(), given.begin(), given.end());
    if (method == "DELETE") {
      for (const auto& tag : given) std::erase(changed.tags, tag);
    }
    commit(it, changed, {call.user->id, {"api"}, call.now});
  }
  json::Writer out;
  out.object([&] { out.member("tags", it.now.tags); });
  return zendesk_json(method == "POST" ? 201 : 200, out.take());
}

}  // namespace supportd::fakes
