// What the body of an update says, set on a ticket.
#include <algorithm>
#include <set>

#include "tests/fakes/zendesk.hpp"

namespace supportd::fakes {
namespace {

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

}  // namespace supportd::fakes
