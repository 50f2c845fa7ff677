#include "connectors/zendesk/calls.hpp"

#include <algorithm>

#include "connectors/zendesk/complaint.hpp"
#include "connectors/zendesk/rate.hpp"
#include "daemon/digest.hpp"

namespace supportd::connectors::zendesk {
namespace {

constexpr std::size_t longest_request_id = 80;

struct Meaning {
  ErrorKind kind = ErrorKind::refused;
  std::string code;
};

Meaning meaning_of(int status, bool safe, const Complaint& complaint) {
  const auto as = [&](ErrorKind kind) { return Meaning{kind, complaint.code}; };
  const ErrorKind lost = safe ? ErrorKind::unreachable : ErrorKind::unknown_outcome;
  switch (status) {
    case 400: return as(complaint.code == "IdempotentRequestError" ? ErrorKind::unknown_outcome : ErrorKind::refused);
    case 404: return as(complaint.code == "InvalidEndpoint" ? ErrorKind::config : ErrorKind::gone);
    case 408: return as(lost);
    case 409: return {ErrorKind::conflict, complaint.code.empty() ? "UpdateConflict" : complaint.code};
    case 422: return complaint.closed ? Meaning{ErrorKind::refused, "closed"} : as(ErrorKind::refused);
    case 429: return is_page_limit(complaint) ? Meaning{ErrorKind::refused, "page_limit"} : as(ErrorKind::throttled);
    default: break;
  }
  if (status >= 500) return as(lost);
  return as(status >= 300 && status < 400 ? ErrorKind::config : ErrorKind::refused);
}

// For Zendesk's own support people; data of theirs, so only what an id may look like.
std::string request_id(const http::Response& answer) {
  const std::string id = answer.headers.get("X-Zendesk-Request-Id").value_or("").substr(0, longest_request_id);
  const bool plain = std::ranges::all_of(id, [](unsigned char c) { return c > ' ' && c < 0x7F; });
  return id.empty() || !plain ? "" : " (Zendesk request " + id + ")";
}

}  // namespace

Error failure(const http::Request& request, const http::Response& answer, Instant now) {
  const Complaint complaint = parse_complaint(answer.body);
  const Meaning meaning = meaning_of(answer.status, request.safe, complaint);
  std::string message = request.operation + ": HTTP " + std::to_string(answer.status);
  if (answer.status >= 300 && answer.status < 400) message += ", a redirect: is the base URL the account's own?";
  if (!complaint.code.empty()) message += " " + complaint.code;
  if (!complaint.text.empty()) message += ": " + complaint.text;
  return {meaning.kind, meaning.code, message + request_id(answer), asked_pause(answer, now)};
}

RestClient::Account account(std::string base_url, std::string email, FetchSecret token, std::string budget) {
  const auto authorization = [email = std::move(email)](const std::string& secret) {
    return email.empty() ? "Bearer " + secret : "Basic " + digest::base64(email + "/token:" + secret);
  };
  return {"zendesk", std::move(base_url), std::move(budget), std::move(token), authorization, failure};
}

}  // namespace supportd::connectors::zendesk
