// What Freshdesk keeps (API v2).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/json.hpp"
#include "daemon/time/instant.hpp"
#include "tests/fakes/vendor.hpp"

namespace supportd::fakes {

struct FreshdeskAgent {
  std::int64_t id = 0;
  std::string name, mail, api_key;
};
struct FreshdeskCompany {
  std::int64_t id = 0;
  std::string name, domain;
};
struct FreshdeskContact {
  std::int64_t id = 0;
  std::string name, mail;
  std::int64_t company_id = 0;
};

struct FreshdeskField {
  std::string name;                       // "cf_aws_support_case_id"
  std::string type = "custom_text";       // custom_number, custom_checkbox, custom_dropdown, custom_date
  bool required_for_closure = false;      // blocks status 4 and 5 while empty
  std::vector<std::string> choices = {};  // of a drop-down
};

struct FreshdeskAttachment {
  std::int64_t id = 0;
  File file;
  Instant created{};
};

struct FreshdeskConversation {
  std::int64_t id = 0;
  std::int64_t ticket_id = 0;
  std::int64_t user_id = 0;
  std::string html;
  bool incoming = false;
  bool is_private = false;
  int source = 2;  // 0 reply, 2 note
  Instant created{};
  Instant updated{};
  std::optional<Instant> edited = {};
  std::vector<std::int64_t> attachments = {};
};

struct FreshdeskTicket {
  std::int64_t id = 0;
  std::string subject;
  std::string html;
  int status = 2;
  Instant status_changed{};  // never: since it was created
  int priority = 1;
  int source = 2;
  std::string type;
  std::int64_t requester_id = 0, responder_id = 0, group_id = 0, company_id = 0;
  std::vector<std::string> tags;
  std::map<std::string, std::string> fields;  // custom fields by name, each as its JSON ("\"text\"", "5", "true")
  std::vector<std::int64_t> attachments;      // of the description
  Instant created{};
  Instant updated{};
  bool deleted = false;
  bool spam = false;

  bool has_tag(const std::string& tag) const;
  // A text field's text, any other's JSON; empty when unset.
  std::string field(const std::string& name) const;
};

// What an update asked to be changed.
struct FreshdeskChange {
  Instant at{};
  std::string field, value, previous;  // a custom field by its name; tags sorted, joined by blanks
};
// Everything that an update can change, by name.
std::map<std::string, std::string> freshdesk_properties(const FreshdeskTicket& ticket);

// One thing that is wrong with a request.
struct FreshdeskProblem {
  std::string field, message, code;
};
// Thrown by the fake's own handlers, answered as the vendor does.
struct FreshdeskFault {
  int status;
  std::string body;
};
FreshdeskFault validation_failed(const std::vector<FreshdeskProblem>& problems);
FreshdeskFault refused(int status, const std::string& code, const std::string& message);

}  // namespace supportd::fakes
