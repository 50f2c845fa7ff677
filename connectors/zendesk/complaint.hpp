// What an error answer says. Lenient: gateways answer in HTML, and Zendesk's own shapes are many.
// https://developer.zendesk.com/api-reference/introduction/requests/#error-responses
#pragma once

#include <string>

namespace supportd::connectors::zendesk {

struct Complaint {
  std::string code;     // "RecordInvalid"; empty: none
  std::string text;     // the description and the details, at most 500 bytes and "..."
  bool closed = false;  // the ticket is closed: it takes no update ever again
};

// Understands {"error", "description", "details": {field: [{"description"}]}}, {"error": {"title", "message"}},
// {"errors": [{"code", "title", "detail"}]}, {"message"} and the edge's {"detail", "status"}.
Complaint parse_complaint(const std::string& body);

// 429 "Pagination limit reached for offset model": not a matter of patience.
bool is_page_limit(const Complaint& complaint);

}  // namespace supportd::connectors::zendesk
