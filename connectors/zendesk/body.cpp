#include "connectors/zendesk/body.hpp"

#include <functional>

#include "connectors/zendesk/audits.hpp"
#include "connectors/zendesk/field_value.hpp"
#include "connectors/zendesk/row.hpp"

namespace supportd::connectors::zendesk {
namespace {

void put(http::Request& request, json::Writer& body) {
  request.headers.set("Content-Type", "application/json");
  request.body = body.take();
}

void put_members(http::Request& request, const std::function<void(json::Writer&)>& members) {
  json::Writer body;
  body.object([&] { body.key("ticket").object([&] { members(body); }); });
  put(request, body);
}

void text_or_null(json::Writer& body, std::string_view name, const std::string& text) {
  body.key(name);
  if (text.empty()) {
    body.null();
  } else {
    body.value(text);
  }
}

void id_or_null(json::Writer& body, std::string_view name, const std::string& id) {
  body.key(name);
  if (id.empty()) {
    body.null();
  } else {
    body.value(number_of(id, name));
  }
}

// "open:1900001" is that custom status. "open" is its category's default: the category alone would leave a ticket where
// it is in the category already.
void put_status(json::Writer& body, const std::string& status, const Form& form) {
  const std::size_t colon = status.find(':');
  const std::string custom = colon == std::string::npos ? form.default_of_several(status) : status.substr(colon + 1);
  if (custom.empty()) {
    body.member("status", status);
  } else {
    body.member("custom_status_id", number_of(custom, "status"));
  }
}

void put_fields(json::Writer& body, const std::map<std::string, std::string>& values, const Form& form,
                const FieldNames& names) {
  if (values.empty()) return;
  body.key("custom_fields").array([&] {
    for (const auto& [name, value] : values) write_field(body, form.field(name, names), name, value);
  });
}

// Zendesk wants a name of whoever it does not know yet.
std::string name_of(const NewTicket& ticket) {
  if (!ticket.requester_name.empty()) return ticket.requester_name;
  return ticket.requester_mail.substr(0, ticket.requester_mail.find('@'));
}

}  // namespace

void put_ticket(http::Request& request, const NewTicket& ticket, const Form& form, const FieldNames& names,
                const std::vector<std::string>& uploads) {
  put_members(request, [&](json::Writer& body) {
    body.member("subject", ticket.subject);
    body.key("comment").object([&] {
      body.member("html_body", ticket.html).member("public", true);
      if (!uploads.empty()) body.member("uploads", uploads);
    });
    if (!ticket.requester_mail.empty()) {
      body.key("requester").object([&] {
        body.member("name", name_of(ticket)).member("email", ticket.requester_mail);
      });
    }
    if (!ticket.status.empty()) put_status(body, ticket.status, form);
    if (!ticket.priority.empty()) body.member("priority", ticket.priority);
    if (!ticket.type.empty()) body.member("type", ticket.type);
    if (!ticket.assignee_id.empty()) id_or_null(body, "assignee_id", ticket.assignee_id);
    if (!ticket.group_id.empty()) id_or_null(body, "group_id", ticket.group_id);
    if (!ticket.external_id.empty()) body.member("external_id", ticket.external_id);
    // A follow-up inherits its tags unless it brings its own.
    if (!ticket.tags.empty()) body.member("tags", ticket.tags);
    if (!ticket.follows.empty()) id_or_null(body, "via_followup_source_id", ticket.follows);
    put_fields(body, ticket.fields, form, names);
  });
}

void put_update(http::Request& request, const DeskUpdate& change, const Form& form, const FieldNames& names) {
  put_members(request, [&](json::Writer& body) {
    if (change.subject) body.member("subject", *change.subject);
    if (change.status) put_status(body, *change.status, form);
    if (change.priority) text_or_null(body, "priority", *change.priority);
    if (change.type) text_or_null(body, "type", *change.type);
    if (change.assignee_id) id_or_null(body, "assignee_id", *change.assignee_id);
    if (change.group_id) id_or_null(body, "group_id", *change.group_id);
    if (change.external_id) text_or_null(body, "external_id", *change.external_id);
    if (change.tags) body.member("tags", *change.tags);
    put_fields(body, change.fields, form, names);
    // "safe_update": false would act like true: to force, the key is left out.
    if (!change.unless_changed_since.empty()) {
      body.member("updated_stamp", change.unless_changed_since).member("safe_update", true);
    }
  });
}

void put_comment(http::Request& request, const NewComment& comment, const std::string& author_id,
                 const std::vector<std::string>& uploads) {
  put_members(request, [&](json::Writer& body) {
    body.key("comment").object([&] {
      // Said always: the default follows the ticket, and what was public cannot be taken back.
      body.member("html_body", comment.html).member("public", comment.is_public);
      body.member("author_id", number_of(author_id, "author_id"));
      if (!uploads.empty()) body.member("uploads", uploads);
    });
    if (!comment.ref.empty()) body.key("metadata").object([&] { body.member(ref_name, comment.ref); });
  });
}

void put_merge(http::Request& request, const std::string& from, const std::string& into) {
  json::Writer body;
  body.object([&] {
    body.key("ids").array([&] { body.value(number_of(from, "ids")); });
    body.member("source_comment", "This request was closed and merged into request #" + into + ".");
    body.member("target_comment", "Request #" + from + " was closed and merged into this request.");
    body.member("source_comment_is_public", false).member("target_comment_is_public", false);
  });
  put(request, body);
}

}  // namespace supportd::connectors::zendesk
