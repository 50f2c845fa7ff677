#include "connectors/freshdesk/body.hpp"

#include <algorithm>

#include "daemon/digest.hpp"

namespace supportd::connectors::freshdesk {
namespace {

void put_json(http::Request& request, json::Writer& body) {
  request.headers.set("Content-Type", "application/json");
  request.body = body.take();
}

bool is_header_text(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return c >= ' ' && c < 0x7F; });
}

// Parts of any content: the hash of them all cannot stand in one of them but by design, and then is hashed again.
std::string boundary_for(const std::vector<http::Part>& parts) {
  std::string seed;
  for (const http::Part& part : parts) seed += digest::sha256(part.name + "\n" + part.file_name + "\n" + part.data);
  for (;;) {
    seed = digest::sha256(seed);
    std::string out = "supportd-" + digest::hex(seed).substr(0, 32);
    const bool inside =
        std::ranges::any_of(parts, [&](const http::Part& part) { return part.data.find(out) != std::string::npos; });
    if (!inside) return out;
  }
}

void put_multipart(http::Request& request, std::vector<http::Part> parts, const std::vector<NewFile>& files) {
  for (const NewFile& file : files) {
    const std::string type = is_header_text(file.content_type) ? file.content_type : "application/octet-stream";
    parts.push_back({"attachments[]", file.name.empty() ? "file" : json::valid_utf8(file.name), type, file.data});
  }
  auto [body, type] = http::encode_multipart(parts, boundary_for(parts));
  request.body = std::move(body);
  request.headers.set("Content-Type", std::move(type));
}

// An id as a number, or null for none.
void id_or_null(json::Writer& body, std::string_view name, const std::string& id) {
  body.key(name);
  if (id.empty()) {
    body.null();
  } else {
    body.value(number_of(id, name));
  }
}

void put_fields(json::Writer& body, const std::map<std::string, std::string>& values, const TicketFields& fields) {
  if (values.empty()) return;
  body.key("custom_fields").object([&] {
    for (const auto& [name, value] : values) write_field(body, name, value, fields);
  });
}

}  // namespace

void put_ticket(http::Request& request, const NewTicket& ticket, const TicketFields& fields) {
  if (!ticket.files.empty()) {
    std::vector<http::Part> parts{{"email", "", "", ticket.requester_mail},
                                  {"subject", "", "", ticket.subject},
                                  {"description", "", "", ticket.html},
                                  {"status", "", "", std::to_string(number_of(ticket.status, "status"))},
                                  {"priority", "", "", std::to_string(number_of(ticket.priority, "priority"))}};
    const auto add = [&](const char* name, const std::string& value) {
      if (!value.empty()) parts.push_back({name, "", "", value});
    };
    add("name", ticket.requester_name);
    add("type", ticket.type);
    add("responder_id", ticket.assignee_id);
    add("group_id", ticket.group_id);
    for (const std::string& tag : ticket.tags) parts.push_back({"tags[]", "", "", tag});
    for (const auto& [name, value] : ticket.fields) parts.push_back({"custom_fields[" + name + "]", "", "", value});
    put_multipart(request, std::move(parts), ticket.files);
    return;
  }
  json::Writer body;
  body.object([&] {
    body.member("email", ticket.requester_mail).member("subject", ticket.subject).member("description", ticket.html);
    if (!ticket.requester_name.empty()) body.member("name", ticket.requester_name);
    body.member("status", number_of(ticket.status, "status"));
    body.member("priority", number_of(ticket.priority, "priority"));
    if (!ticket.type.empty()) body.member("type", ticket.type);
    if (!ticket.assignee_id.empty()) body.member("responder_id", number_of(ticket.assignee_id, "responder_id"));
    if (!ticket.group_id.empty()) body.member("group_id", number_of(ticket.group_id, "group_id"));
    if (!ticket.tags.empty()) body.member("tags", ticket.tags);
    put_fields(body, ticket.fields, fields);
  });
  put_json(request, body);
}

void put_update(http::Request& request, const DeskUpdate& change, const TicketFields& fields) {
  json::Writer body;
  body.object([&] {
    if (change.subject) body.member("subject", *change.subject);
    if (change.status) body.member("status", number_of(*change.status, "status"));
    if (change.priority) body.member("priority", number_of(*change.priority, "priority"));
    if (change.type) {
      body.key("type");
      if (change.type->empty()) {
        body.null();
      } else {
        body.value(*change.type);
      }
    }
    if (change.assignee_id) id_or_null(body, "responder_id", *change.assignee_id);
    if (change.group_id) id_or_null(body, "group_id", *change.group_id);
    if (change.tags) body.member("tags", *change.tags);
    put_fields(body, change.fields, fields);
  });
  put_json(request, body);
}

void put_comment(http::Request& request, const NewComment& comment, bool note) {
  if (!comment.files.empty()) {
    std::vector<http::Part> parts{{"body", "", "", comment.html}};
    if (note) parts.push_back({"private", "", "", comment.is_public ? "false" : "true"});
    put_multipart(request, std::move(parts), comment.files);
    return;
  }
  json::Writer body;
  body.object([&] {
    body.member("body", comment.html);
    // Said always: the default is private, but a public note by mistake cannot be taken back.
    if (note) body.member("private", !comment.is_public);
  });
  put_json(request, body);
}

void put_merge(http::Request& request, const std::string& from, const std::string& into) {
  json::Writer body;
  body.object([&] {
    body.member("primary_id", number_of(into, "primary_id"));
    body.key("ticket_ids").array([&] { body.value(number_of(from, "ticket_ids")); });
  });
  put_json(request, body);
}

}  // namespace supportd::connectors::freshdesk
