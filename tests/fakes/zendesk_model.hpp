// What Zendesk Support keeps (API v2).
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "daemon/http/message.hpp"
#include "daemon/json.hpp"
#include "tests/fakes/vendor.hpp"
#include "tests/fakes/zendesk_html.hpp"

namespace supportd::fakes {

struct ZendeskUser {
  std::int64_t id = 0;
  std::string name, mail;
  std::string role = "end-user";  // agent, admin
  std::int64_t organization_id = 0;
  Instant created{};

  bool is_staff() const { return role != "end-user"; }
};
struct ZendeskOrganization {
  std::int64_t id = 0;
  std::string name, domain;
  Instant created{};
};

struct ZendeskOption {
  std::int64_t id = 0;
  std::string name, tag;
};
struct ZendeskField {
  std::int64_t id = 0;
  std::string title;
  std::string type = "text";  // tagger, integer, checkbox, date
  bool required_to_solve = false;
  std::vector<ZendeskOption> options = {};  // of a tagger (drop-down)
  std::string tag = {};                     // of a checkbox: what a ticket is tagged with while it is ticked
};

struct ZendeskStatus {
  std::int64_t id = 0;
  std::string category, label;
  bool is_default = true;  // of its category
  bool active = true;
};

struct ZendeskAttachment {
  std::int64_t id = 0;
  File file;
  std::string token;
  bool is_inline = false;
  bool redacted = false;
  Instant created{};
};

// How something came about: {"channel": "api", "source": {"rel": "merge", "from": {"ticket_id": 7}}}.
struct ZendeskVia {
  std::string channel = "web";
  std::string rel = {};  // merge, follow_up; empty: null
  std::int64_t from_ticket = 0;
};

struct ZendeskComment {
  std::int64_t id = 0;
  std::int64_t ticket_id = 0, audit_id = 0, author_id = 0;
  ZendeskText text;
  bool is_public = true;
  ZendeskVia via;
  Instant created{};
  std::vector<std::int64_t> attachments;
  std::string metadata = "{}";  // what its update gave as `metadata`, as JSON
};

struct ZendeskAuditEvent {
  std::int64_t id = 0;
  std::string type;             // Create, Change, Comment, CommentPrivacyChange, CommentRedactionEvent, ...
  std::string field;            // a custom field by its number
  std::string value, previous;  // JSON; of Create and Change
  std::int64_t comment_id = 0;
};
struct ZendeskAudit {
  std::int64_t id = 0;
  std::int64_t ticket_id = 0, author_id = 0;
  ZendeskVia via;
  Instant created{};
  std::string metadata = "{}";  // custom, as JSON
  std::vector<ZendeskAuditEvent> events;
};

struct ZendeskTicket {
  std::int64_t id = 0;
  std::string subject;
  std::string status = "new";  // the category: new, open, pending, hold, solved, closed
  std::int64_t custom_status_id = 0;
  std::string priority, type, external_id;  // empty: null
  std::int64_t requester_id = 0, submitter_id = 0, assignee_id = 0, group_id = 0, organization_id = 0;
  std::vector<std::string> tags;               // sorted
  std::map<std::int64_t, std::string> fields;  // custom fields by id, each as its JSON; unset ones left out
  ZendeskVia via;
  bool is_public = true;
  std::vector<std::int64_t> followups;
  Instant created{};
  Instant updated{};
  Instant generated{};  // moves with every change, also the system's own that leave `updated`
  bool deleted = false;
  bool scrubbed = false;
  Instant deleted_at{};
  std::int64_t deleted_by = 0;

  bool has_tag(const std::string& tag) const;
  // A text as it is, anything else as its JSON; empty when unset.
  std::string field(std::int64_t id) const;
};

// Sorted, in lower case, split at blanks, each once.
std::vector<std::string> zendesk_tags(const std::vector<std::string>& given);
// Everything whose change an audit tells, by name, each as its JSON.
std::map<std::string, std::string> zendesk_properties(const ZendeskTicket& ticket);
std::string json_text(std::string_view text);

// Thrown by the fake's own handlers, answered as the vendor does.
struct ZendeskFault {
  int status;
  std::string body;
  http::Headers headers = {};
};
ZendeskFault zendesk_error(int status, const std::string& error, const std::string& description);
ZendeskFault record_not_found();
ZendeskFault invalid_endpoint();
// 400 for what is not of the form that the documentation asks for.
ZendeskFault invalid_attribute(const std::string& message);
// One thing that is wrong with a record: where it is shown, what it says, the custom field it is about.
struct ZendeskProblem {
  std::string place, description;
  std::int64_t field_id = 0;
  std::string field_type = {};
};
ZendeskFault record_invalid(const std::vector<ZendeskProblem>& problems);

}  // namespace supportd::fakes
