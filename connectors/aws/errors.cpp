#include "connectors/aws/errors.hpp"

#include <algorithm>
#include <iterator>

#include "connectors/aws/xml.hpp"
#include "daemon/http/retry_after.hpp"
#include "daemon/json.hpp"

namespace supportd::connectors::aws {
namespace {

template <std::size_t N>
bool is_one_of(std::string_view code, const std::string_view (&list)[N]) {
  return std::find(std::begin(list), std::end(list), code) != std::end(list);
}

constexpr std::string_view throttle_codes[] = {"Throttling",
                                               "ThrottlingException",
                                               "ThrottledException",
                                               "RequestThrottled",
                                               "RequestThrottledException",
                                               "TooManyRequestsException",
                                               "RequestLimitExceeded",
                                               "LimitExceededException",
                                               "BandwidthLimitExceeded",
                                               "SlowDown",
                                               "PriorRequestNotComplete",
                                               "AttachmentLimitExceeded",
                                               "DescribeAttachmentLimitExceeded"};
constexpr std::string_view expired_codes[] = {"ExpiredToken", "ExpiredTokenException"};
constexpr std::string_view clock_codes[] = {"RequestExpired", "RequestTimeTooSkewed", "InvalidSignatureException",
                                            "SignatureDoesNotMatch", "AuthFailure"};
constexpr std::string_view key_codes[] = {"UnrecognizedClientException", "InvalidClientTokenId",
                                          "MissingAuthenticationToken",  "MissingAuthenticationTokenException",
                                          "IncompleteSignature",         "IncompleteSignatureException"};
// A policy that lacks an action, or has not reached all of AWS yet: an operator's to mend, and no vendor's "no".
constexpr std::string_view access_codes[] = {"AccessDenied", "AccessDeniedException"};
constexpr std::string_view gone_codes[] = {"CaseIdNotFound", "AttachmentIdNotFound"};
constexpr std::string_view set_codes[] = {"AttachmentSetIdNotFound", "AttachmentSetExpired"};
constexpr std::string_view transient_codes[] = {"RequestTimeout",  "RequestTimeoutException", "InternalServerError",
                                                "InternalFailure", "InternalServiceError",    "ServiceUnavailable"};

constexpr std::size_t longest_message = 500;

// "com.amazonaws.support#CaseIdNotFound" and "CaseIdNotFound:http://internal/" are both CaseIdNotFound.
std::string bare_code(std::string_view text) {
  text = text.substr(0, text.find(':'));
  if (const std::size_t hash = text.rfind('#'); hash != std::string_view::npos) text.remove_prefix(hash + 1);
  return std::string(text);
}

// The first line: what follows in signature errors is the canonical request, session token included.
std::string shown(std::string_view message) {
  const std::string clean = json::valid_utf8(message.substr(0, message.find('\n')));
  return clean.size() <= longest_message ? clean : json::valid_utf8(clean.substr(0, longest_message)) + "...";
}

ErrorKind kind_of(const ServiceError& error, bool safe) {
  if (is_one_of(error.code, throttle_codes) || error.status == 429) return ErrorKind::throttled;
  if (is_one_of(error.code, gone_codes)) return ErrorKind::gone;
  if (is_one_of(error.code, set_codes)) return ErrorKind::conflict;
  if (remedy(error) != Remedy::none || is_one_of(error.code, key_codes) || is_one_of(error.code, access_codes)) {
    return ErrorKind::config;
  }
  if (error.status >= 500 || is_one_of(error.code, transient_codes)) {
    return safe ? ErrorKind::unreachable : ErrorKind::unknown_outcome;
  }
  return ErrorKind::refused;
}

}  // namespace

ServiceError parse_json_error(const http::Response& response) {
  ServiceError out{response.status, bare_code(response.headers.get("x-amzn-errortype").value_or("")), ""};
  try {
    const auto document = json::Document::parse(response.body, "AWS error");
    const json::View root = document.root();
    const auto text = [&](std::string_view key) {
      const auto found = root.find(key);
      return found && found->is_string() ? found->string() : std::string();
    };
    if (out.code.empty()) out.code = bare_code(text("__type"));
    if (out.code.empty()) out.code = bare_code(text("code"));
    out.message = shown(text("message").empty() ? text("Message") : text("message"));
  } catch (const Error&) {
    // Not JSON, or no object: proxies and load balancers answer in HTML. Status and header are all there is.
  }
  return out;
}

ServiceError parse_xml_error(const http::Response& response) {
  ServiceError out{response.status, "", ""};
  const auto leaves = xml_leaves(response.body);
  if (leaves.has_error()) return out;
  const auto text = [&](const char* path) {
    const auto at = leaves->find(path);
    return at == leaves->end() ? std::string() : at->second;
  };
  out.code = bare_code(text("/ErrorResponse/Error/Code"));
  out.message = shown(text("/ErrorResponse/Error/Message"));
  return out;
}

Remedy remedy(const ServiceError& error) {
  if (is_one_of(error.code, expired_codes)) return Remedy::fresh_credentials;
  if (is_one_of(error.code, clock_codes)) return Remedy::corrected_clock;
  return Remedy::none;
}

Error to_error(const ServiceError& error, const http::Response& response, bool safe, std::string_view operation,
               Instant now) {
  std::string message = std::string(operation) + ": ";
  message += error.code.empty() ? "HTTP " + std::to_string(error.status) : error.code;
  if (!error.message.empty()) message += ": " + error.message;
  return {kind_of(error, safe), error.code, message, http::retry_after(response.headers, now)};
}

http::RateNews read_rate(const http::Request& request, const http::Response& response, Instant now) {
  if (response.status != 400) return http::rate_by_status(request, response, now);
  const ServiceError error = parse_json_error(response);
  if (!is_one_of(error.code, throttle_codes)) return {};
  return {.pause = http::retry_after(response.headers, now).value_or(std::chrono::seconds{1})};
}

}  // namespace supportd::connectors::aws
