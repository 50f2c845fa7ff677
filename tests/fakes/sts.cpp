#include "tests/fakes/sts.hpp"

#include <algorithm>
#include <regex>

#include "tests/fakes/codec.hpp"

namespace supportd::fakes {
namespace {

std::string xml_escaped(const std::string& text) {
  return replace_all(replace_all(replace_all(text, "&", "&amp;"), "<", "&lt;"), ">", "&gt;");
}

http::Response xml(int status, const std::string& body, Instant now) {
  return {status, {{"Content-Type", "text/xml"}, {"Date", http_date(now)}}, body};
}

http::Response fault(int status, const std::string& code, const std::string& message, Instant now) {
  return xml(status,
             "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>" +
                 std::string(status < 500 ? "Sender" : "Receiver") + "</Type><Code>" + code + "</Code><Message>" +
                 xml_escaped(message) + "</Message></Error><RequestId>" + sha256_hex(message).substr(0, 32) +
                 "</RequestId></ErrorResponse>",
             now);
}

// STS names the failures of authentication in its own words.
http::Response refusal(const AuthFailure& failure, Instant now) {
  if (failure.code == "UnrecognizedClientException") return fault(403, "InvalidClientTokenId", failure.message, now);
  if (failure.code == "ExpiredTokenException") return fault(403, "ExpiredToken", failure.message, now);
  if (failure.code == "InvalidSignatureException") return fault(403, "SignatureDoesNotMatch", failure.message, now);
  return fault(403, "MissingAuthenticationToken", failure.message, now);
}

}  // namespace

http::Response Sts::failure(int status, Instant now) {
  if (status == 429) return fault(400, "Throttling", "Rate exceeded", now);
  return fault(status, status == 503 ? "ServiceUnavailable" : "InternalFailure", "try again", now);
}

http::Response Sts::answer(const http::Request& request, Instant now) {
  const auto verified = verify_sigv4(request, scope_, iam_, now);
  if (const auto* failure = std::get_if<AuthFailure>(&verified)) return refusal(*failure, now);
  std::map<std::string, std::string> form;
  for (auto& [name, value] : http::parse_query(request.body)) form[name] = value;
  if (form["Version"] != "2011-06-15" || form["Action"] != "AssumeRole")
    return fault(400, "InvalidAction", "Could not find operation " + form["Action"], now);
  return assume_role(std::get<AwsKey>(verified), form, now);
}

http::Response Sts::assume_role(const AwsKey& caller, const std::map<std::string, std::string>& form, Instant now) {
  const auto field = [&](const std::string& name) {
    const auto found = form.find(name);
    return found == form.end() ? std::string() : found->second;
  };
  static const std::regex session_pattern("[\\w+=,.@-]{2,64}"), number("[0-9]{1,6}");
  const std::string session = field("RoleSessionName"), arn = field("RoleArn");
  if (!std::regex_match(session, session_pattern) || arn.size() < 20 || arn.size() > 2048)
    return fault(400, "ValidationError", "RoleArn or RoleSessionName failed to satisfy its constraint", now);
  const std::string asked = field("DurationSeconds").empty() ? "3600" : field("DurationSeconds");
  if (!std::regex_match(asked, number) || std::stoi(asked) < 900 || std::stoi(asked) > 43200)
    return fault(400, "ValidationError", "DurationSeconds must be between 900 and 43200", now);
  const std::chrono::seconds length{std::stoi(asked)};

  const auto role = iam_.role(arn);
  const bool trusted = role && (role->trusted_arns.empty() ||
                                std::ranges::find(role->trusted_arns, caller.arn) != role->trusted_arns.end());
  if (!trusted || (!role->external_id.empty() && role->external_id != field("ExternalId")))
    return fault(403, "AccessDenied",
                 "User: " + caller.arn + " is not authorized to perform: sts:AssumeRole on resource: " + arn, now);
  const bool chained = !caller.session_token.empty();
  if (length > role->longest || (chained && length > std::chrono::hours{1}))
    return fault(400, "ValidationError",
                 "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.", now);

  const Instant expires = now + length;
  const AwsKey key = iam_.open_session(*role, session, expires);
  return xml(200,
             "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>"
             "<AssumedRoleUser><AssumedRoleId>AROA:" +
                 xml_escaped(session) + "</AssumedRoleId><Arn>" + xml_escaped(key.arn) +
                 "</Arn></AssumedRoleUser><Credentials><AccessKeyId>" + key.access_key_id +
                 "</AccessKeyId><SecretAccessKey>" + key.secret + "</SecretAccessKey><SessionToken>" +
                 key.session_token + "</SessionToken><Expiration>" + to_second(expires) +
                 "</Expiration></Credentials></AssumeRoleResult><ResponseMetadata><RequestId>" +
                 sha256_hex(key.access_key_id).substr(0, 32) + "</RequestId></ResponseMetadata></AssumeRoleResponse>",
             now);
}

}  // namespace supportd::fakes
