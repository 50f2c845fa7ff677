// AWS Support (API version 2013-04-15) as structs. Statuses, severities, services and languages are AWS's own words,
// unknown ones included; unknown members are ignored.
// https://docs.aws.amazon.com/awssupport/latest/APIReference/API_Types.html
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/desk.hpp"
#include "daemon/json.hpp"

namespace supportd::connectors::aws_support {

struct Attachment {
  std::string id;
  std::string file_name;  // data, never a path
};

// Has no id at AWS (rule 12).
struct Communication {
  std::string case_id;
  std::string body;
  std::string submitted_by;  // "Amazon Web Services", or "AdminRole (Role) <jane@example.com>"; entities resolved
  Instant created{};         // to the millisecond
  std::vector<Attachment> attachments;
};

struct Case {
  std::string id;          // opaque: "case-12345678910-exen-2025-c4c1d2bf33c5cf47"
  std::string display_id;  // the console's number
  std::string subject;
  std::string status;  // "opened", "pending-customer-action", "resolved", ...
  std::string service_code;
  std::string category_code;
  std::string severity_code;  // "low" ... "critical"
  std::string submitted_by;
  Instant created{};
  std::vector<std::string> cc;
  std::string language;
  std::vector<Communication> recent;  // at most five, newest first
  std::string recent_next_token;      // for describe_communications of this case; empty: `recent` is all
};

struct CasePage {
  std::vector<Case> cases;
  std::vector<BadRow> bad;  // cases and, by their case's id, communications
  std::string next_token;   // empty: the last page. A page may be empty and not the last.
};

struct CommunicationPage {
  std::vector<Communication> communications;
  std::vector<BadRow> bad;
  std::string next_token;
};

struct NewCase {
  std::string subject;
  std::string body;  // 1 to 8,000 characters
  std::string service_code;
  std::string category_code;
  std::string severity_code;
  std::string language;  // "en", "ko", "ja", "zh"
  std::vector<std::string> cc;
  std::string attachment_set_id;  // empty: none
};

struct NewCommunication {
  std::string case_id;
  std::string body;
  std::vector<std::string> cc;
  std::string attachment_set_id;
};

struct AttachmentSet {
  std::string id;  // good for one create_case or add_communication
  Instant expires{};
};

struct Category {
  std::string code;
  std::string name;
};

struct Service {
  std::string code;
  std::string name;
  std::vector<Category> categories;
};

struct SeverityLevel {
  std::string code;
  std::string name;
};

struct Resolution {
  std::string initial_status;
  std::string final_status;
};

// Throw Error{corrupt} naming the place.
CasePage parse_cases(const json::View& answer);
CommunicationPage parse_communications(const json::View& answer);
NewFile parse_attachment(const json::View& answer);
std::vector<Service> parse_services(const json::View& answer);
std::vector<SeverityLevel> parse_severity_levels(const json::View& answer);

// "&lt;jane@example.com&gt;" is "<jane@example.com>"; what is no entity stays as it is.
std::string unescape_entities(std::string_view text);
// Unicode code points, as AWS's limits count; a byte that is not UTF-8 counts as one.
std::size_t count_characters(std::string_view text);

}  // namespace supportd::connectors::aws_support
