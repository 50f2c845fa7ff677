#include "connectors/freshdesk/calls.hpp"

#include <charconv>

#include "daemon/digest.hpp"
#include "daemon/http/retry_after.hpp"
#include "daemon/json.hpp"

namespace supportd::connectors::freshdesk {
namespace {

constexpr std::size_t longest_message = 500;

struct Complaint {
  std::string code;
  std::string text;
};

std::string shown(std::string text) {
  return text.size() <= longest_message ? text : json::valid_utf8(text.substr(0, longest_message)) + "...";
}

std::string text_at(const json::View& object, std::string_view key) {
  const auto found = object.find(key);
  return found && found->is_string() ? found->string() : std::string();
}

// {"description", "errors": [{"field", "message", "code"}]} or {"code", "message"}; anything else has no complaint.
Complaint parse_complaint(const std::string& body) {
  Complaint out;
  try {
    const auto document = json::Document::parse(body, "Freshdesk error");
    const json::View root = document.root();
    out.code = text_at(root, "code");
    out.text = text_at(root, "message").empty() ? text_at(root, "description") : text_at(root, "message");
    if (const auto errors = root.find("errors")) {
      for (const json::View& error : errors->items()) {
        if (out.code.empty()) out.code = text_at(error, "code");
        const std::string field = text_at(error, "field");
        out.text += (out.text.empty() ? "" : "; ") + field + (field.empty() ? "" : ": ") + text_at(error, "message");
      }
    }
  } catch (const Error&) {
    // Not JSON, or not of that shape: gateways answer in HTML. What was read before it broke is kept.
  }
  return out;
}

ErrorKind kind_of(int status, bool safe) {
  switch (status) {
    case 404:
    case 405: return ErrorKind::gone;
    case 409: return ErrorKind::conflict;
    case 429: return ErrorKind::throttled;
    case 408: return safe ? ErrorKind::unreachable : ErrorKind::unknown_outcome;
    default: break;
  }
  if (status >= 500) return safe ? ErrorKind::unreachable : ErrorKind::unknown_outcome;
  return status >= 300 && status < 400 ? ErrorKind::config : ErrorKind::refused;
}

}  // namespace

Error failure(const http::Request& request, const http::Response& answer, Instant now) {
  const Complaint complaint = parse_complaint(answer.body);
  std::string message = request.operation + ": HTTP " + std::to_string(answer.status);
  if (answer.status >= 300 && answer.status < 400) message += ", a redirect: is the base URL the account's own?";
  if (!complaint.code.empty()) message += " " + complaint.code;
  if (!complaint.text.empty()) message += ": " + shown(complaint.text);
  return {kind_of(answer.status, request.safe), complaint.code, message, http::retry_after(answer.headers, now)};
}

http::RateNews read_rate(const http::Request& request, const http::Response& answer, Instant now) {
  http::RateNews out = http::rate_by_status(request, answer, now);
  if (const auto text = answer.headers.get("X-RateLimit-Remaining")) {
    int remaining = 0;
    const auto [end, wrong] = std::from_chars(text->data(), text->data() + text->size(), remaining);
    if (wrong == std::errc{} && end == text->data() + text->size() && remaining >= 0) out.remaining = remaining;
  }
  return out;
}

RestClient::Account account(std::string base_url, FetchSecret key, std::string budget) {
  // The password is a dummy: the key is the user.
  const auto authorization = [](const std::string& secret) { return "Basic " + digest::base64(secret + ":X"); };
  return {"freshdesk", std::move(base_url), std::move(budget), std::move(key), authorization, failure};
}

}  // namespace supportd::connectors::freshdesk
