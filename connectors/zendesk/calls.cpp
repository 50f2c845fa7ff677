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

const char* suffix(Family family) {
  switch (family) {
    case Family::other: return "";
    case Family::update: return "/update";
    case Family::incremental: return "/incremental";
  }
  return "";
}

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
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

Calls::Calls(http::Client& client, const time::Clock& clock, std::string base_url, std::string email, Token token,
             std::string budget)
    : client_(client),
      clock_(clock),
      base_url_(without_slash(std::move(base_url))),
      email_(std::move(email)),
      token_(std::move(token)),
      budget_(std::move(budget)) {}

http::Request Calls::request(std::string method, const std::string& path, const char* operation,
                             const Options& options) {
  http::Request out;
  out.method = std::move(method);
  out.url = base_url_ + "/api/v2" + path;
  out.headers = {{"Accept", "application/json"}};
  out.safe = options.safe;
  out.deadline = options.deadline;
  out.answer_limit = options.answer_limit;
  out.priority = options.priority;
  out.system = "zendesk";
  out.operation = operation;
  if (!budget_.empty()) out.budget = budget_ + suffix(options.family);
  return out;
}

std::string Calls::authorization(const std::string& token) const {
  return email_.empty() ? "Bearer " + token : "Basic " + digest::base64(email_ + "/token:" + token);
}

http::Response Calls::exchange(http::Request request, std::stop_token stop) {
  std::string token = token_("");
  for (bool again = false;; again = true) {
    request.headers.set("Authorization", authorization(token));
    http::Response answer = client_.send(request, stop);
    if (answer.status != 401) return answer;
    ++generation_;
    std::string fresh = again ? token : token_(token);
    if (fresh == token) throw Error(ErrorKind::config, "credentials", "Zendesk does not take the token", {});
    token = std::move(fresh);
  }
}

http::Response Calls::send(http::Request request, std::stop_token stop) {
  http::Response answer;
  try {
    answer = exchange(request, stop);
  } catch (const Error& error) {
    // An answer too long to read says nothing about whether the write happened.
    if (error.kind() != ErrorKind::corrupt || request.safe) throw;
    throw Error(ErrorKind::unknown_outcome, error.what());
  }
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw failure(request, answer, clock_.now());
}

}  // namespace supportd::connectors::zendesk
