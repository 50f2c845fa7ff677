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

void check_word(const json::View& body, const std::string& member, const std::set<std::string>& allowed) {
  const std::string text = body.string(member, "");
  if (text.empty() || allowed.contains(text)) return;
  std::string name = member;
  name[0] = static_cast<char>(name[0] - 'a' + 'A');
  throw record_invalid({{member, name + ": " + text + " is not valid"}});
}

// As a field of that type keeps it; empty: not at all, and nobody is told.
std::string kept_value(const ZendeskField& field, const json::View& value) {
  if (field.type == "checkbox") return value.is_boolean() ? value.dump() : "";
  if (value.is_array() || value.is_object()) return "";
  const std::string text = value.scalar_text();
  if (field.type == "tagger") {
    const bool known = std::ranges::any_of(field.options, [&](const auto& it) { return it.tag == text; });
    return known ? json_text(text) : "";
  }
  if (field.type == "integer") {
    const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    return digits ? json_text(text) : "";
  }
  return json_text(text);
}

std::string given_text(const json::View& body, const std::string& member, const std::string& otherwise) {
  for (const auto& [name, value] : body.members()) {
    if (name == member) return value.is_null() ? "" : value.scalar_text();
  }
  return otherwise;
}

std::int64_t given_id(const json::View& body, const std::string& member, std::int64_t otherwise) {
  for (const auto& [name, value] : body.members()) {
    if (name == member) return value.is_null() ? 0 : value.integer();
  }
  return otherwise;
}

}  // namespace

void Zendesk::apply_status(const json::View& body, ZendeskTicket& ticket) const {
  check_word(body, "status", {"new", "open", "pending", "hold", "solved", "closed"});
  const std::int64_t chosen = body.integer("custom_status_id", 0);
  if (chosen != 0 && !status(chosen))
    throw record_invalid({{"custom_status_id", "Custom status: " + std::to_string(chosen) + " is not valid"}});
  const std::string category = body.string("status", "");
  if (chosen != 0) {
    ticket.custom_status_id = chosen;
    ticket.status = status(chosen)->category;
  } else if (!category.empty() && category != ticket.status) {
    ticket.status = category;
    ticket.custom_status_id = default_status(category);
  }
}

void Zendesk::apply_fields(const json::View& fields, ZendeskTicket& ticket) const {
  const auto set = [&](std::int64_t id, const json::View& value) {
    const ZendeskField* known = field(id);
    if (!known) return;
    if (value.is_null() || value.scalar_text().empty()) {
      ticket.fields.erase(id);
    } else if (const std::string kept = kept_value(*known, value); !kept.empty()) {
      ticket.fields[id] = kept;
    }
  };
  if (fields.is_object()) {
    for (const auto& [id, value] : fields.members()) set(zendesk_id(id), value);
    return;
  }
  for (const auto& entry : fields.items()) {
    if (!entry.is_object() || !entry.find("id") || !entry.at("id").is_integer()) continue;
    for (const auto& [name, value] : entry.members()) {
      if (name == "value") set(entry.at("id").integer(), value);
    }
  }
}

// Sets what the body names; null clears.
void Zendesk::apply(const json::View& body, ZendeskTicket& ticket) const {
  check_word(body, "priority", {"low", "normal", "high", "urgent"});
  check_word(body, "type", {"problem", "incident", "question", "task"});
  ticket.subject = given_text(body, "subject", ticket.subject);
  ticket.priority = given_text(body, "priority", ticket.priority);
  ticket.type = given_text(body, "type", ticket.type);
  ticket.external_id = given_text(body, "external_id", ticket.external_id);
  ticket.assignee_id = given_id(body, "assignee_id", ticket.assignee_id);
  ticket.group_id = given_id(body, "group_id", ticket.group_id);
  ticket.organization_id = given_id(body, "organization_id", ticket.organization_id);
  const auto assignee = users_.find(ticket.assignee_id);
  if (ticket.assignee_id != 0 && (assignee == users_.end() || !assignee->second.is_staff()))
    throw record_invalid({{"assignee", "Assignee: is not an agent"}});
  if (body.find("tags")) ticket.tags = zendesk_tags(body.strings("tags"));
  for (const char* member : {"fields", "custom_fields"}) {
    if (const auto fields = body.find(member)) apply_fields(*fields, ticket);
  }
  apply_status(body, ticket);
}

void Zendesk::check_solved(const ZendeskTicket& ticket) const {
  if (ticket.status != "solved" && ticket.status != "closed") return;
  std::vector<ZendeskProblem> problems;
  for (const auto& field : options_.fields) {
    if (!field.required_to_solve || !ticket.field(field.id).empty()) continue;
    problems.push_back({"base", field.title + ":: is required when solving a ticket", field.id,
                        field.type == "tagger" ? "FieldTagger" : "FieldText"});
  }
  if (!problems.empty()) throw record_invalid(problems);
}

// `safe_update` counts whatever its value.
void Zendesk::check_stamp(const json::View& body, const ZendeskTicket& ticket) const {
  const auto members = body.members();
  const bool safe = std::ranges::any_of(members, [](const auto& it) { return it.first == "safe_update"; });
  if (!safe) return;
  const std::string stamp = body.string("updated_stamp", "");
  const auto at = time::parse_instant(stamp);
  if (!at) throw zendesk_error(400, "BadRequest", "updated_stamp is required with safe_update");
  if (*at < std::chrono::floor<std::chrono::seconds>(ticket.updated))
    throw zendesk_error(409, "UpdateConflict",
                        "Safe Update prevented the update due to outdated ticket data. Please fetch the latest ticket "
                        "data and try again.");
}

std::vector<std::int64_t> Zendesk::take_uploads(const json::View& comment, Instant now) {
  std::vector<std::int64_t> out;
  const auto tokens = comment.strings("uploads");
  for (const auto& token : tokens) {
    const auto found = uploads_.find(token);
    if (found == uploads_.end() || found->second.expires <= now)
      throw record_invalid({{"base", "Upload token: " + token + " is invalid"}});
  }
  for (const auto& token : tokens) {
    const auto found = uploads_.find(token);
    if (found == uploads_.end()) continue;  // named twice
    out.insert(out.end(), found->second.attachments.begin(), found->second.attachments.end());
    uploads_.erase(found);
  }
  return out;
}

std::optional<Zendesk::NewComment> Zendesk::comment_of(const json::View& body, bool is_public, std::int64_t author,
                                                       Instant now) {
  const auto comment = body.find("comment");
  if (!comment) return {};
  const std::string html = comment->string("html_body", ""), text = comment->string("body", "");
  NewComment out;
  out.author = comment->integer("author_id", author);
  if (!users_.contains(out.author)) throw record_invalid({{"author", "Author: is invalid"}});
  out.is_public = comment->boolean("public", is_public);
  if (html.empty() && text.empty()) {
    if (comment->strings("uploads").empty()) return {};
    throw record_invalid({{"comment", "Comment: cannot be blank"}});
  }
  out.text = html.empty() ? zendesk_plain(text) : zendesk_html(html);
  out.attachments = take_uploads(*comment, now);
  return out;
}

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
