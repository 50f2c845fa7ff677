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

const char* suffix(Family family) {
  switch (family) {
    case Family::other: return "";
    case Family::list: return "/list";
    case Family::create: return "/create";
    case Family::update: return "/update";
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

Calls::Calls(http::Client& client, const time::Clock& clock, std::string base_url, ApiKey key, std::string budget)
    : client_(client),
      clock_(clock),
      base_url_(without_slash(std::move(base_url))),
      key_(std::move(key)),
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
  out.system = "freshdesk";
  out.operation = operation;
  if (!budget_.empty()) out.budget = budget_ + suffix(options.family);
  return out;
}

http::Response Calls::exchange(http::Request request, std::stop_token stop) {
  std::string key = key_("");
  for (bool again = false;; again = true) {
    // The password is a dummy: the key is the user.
    request.headers.set("Authorization", "Basic " + digest::base64(key + ":X"));
    http::Response answer = client_.send(request, stop);
    if (answer.status != 401) return answer;
    ++generation_;
    std::string fresh = again ? key : key_(key);
    if (fresh == key) throw Error(ErrorKind::config, "credentials", "Freshdesk does not take the API key", {});
    key = std::move(fresh);
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

}  // namespace supportd::connectors::freshdesk
