#include "connectors/aws/sts.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "connectors/aws/xml.hpp"

namespace supportd::connectors::aws {
namespace {

using std::chrono::seconds;

constexpr seconds shortest{900}, longest{43'200}, longest_chained{3'600};

bool made_of(std::string_view text, std::string_view extra) {
  return std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           extra.find(c) != std::string_view::npos;
  });
}

std::string form(const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string out;
  for (const auto& [name, value] : fields) out += (out.empty() ? "" : "&") + name + "=" + http::percent_encode(value);
  return out;
}

}  // namespace

std::string account_of_role(const std::string& arn) {
  static const RE2 form("arn:aws[a-z-]*:iam::([0-9]{12}):role/.+");
  std::string account;
  return arn.size() <= 2048 && RE2::FullMatch(arn, form, &account) ? account : "";
}

std::optional<std::string> flaw(const Role& role) {
  if (account_of_role(role.arn).empty()) {
    return "role ARN '" + role.arn + "': expected arn:aws:iam::<12 digits>:role/<name>";
  }
  if (role.session_name.size() < 2 || role.session_name.size() > 64 || !made_of(role.session_name, "+=,.@-")) {
    return "role session name '" + role.session_name + "': expected 2 to 64 letters, digits or _+=,.@-";
  }
  if (!role.external_id.empty() &&
      (role.external_id.size() < 2 || role.external_id.size() > 1224 || !made_of(role.external_id, "+=,.@:/-"))) {
    return "external id '" + role.external_id + "': expected 2 to 1224 letters, digits or _+=,.@:/-";
  }
  if (role.length < shortest || role.length > longest) {
    return "session length: expected 15 minutes to 12 hours";
  }
  return {};
}

Credentials Sts::assume(const Role& role, CredentialsProvider& base, std::stop_token stop) {
  if (const auto wrong = flaw(role)) throw Error(ErrorKind::config, *wrong);
  // Asking for more than a chained role may have is refused, not clamped. A session token means a role's keys.
  const bool chained = !base.get(stop).session_token.empty();
  const seconds length = chained ? std::min(role.length, longest_chained) : role.length;
  std::vector<std::pair<std::string, std::string>> fields{{"Action", "AssumeRole"},
                                                          {"Version", "2011-06-15"},
                                                          {"RoleArn", role.arn},
                                                          {"RoleSessionName", role.session_name},
                                                          {"DurationSeconds", std::to_string(length.count())}};
  if (!role.external_id.empty()) fields.emplace_back("ExternalId", role.external_id);
  http::Request request;
  request.method = "POST";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}};
  request.body = form(fields);
  request.safe = true;  // changes nothing at AWS; another session is as good
  request.answer_limit = 256 * 1024;
  request.system = "aws_sts";
  request.operation = "assume_role";
  SignedClient client(client_, clock_, endpoint_, base, parse_xml_error);
  return parse_assume_role(client.send(std::move(request), stop).body);
}

Credentials parse_assume_role(std::string_view xml) {
  const auto leaves = xml_leaves(xml);
  // Never the text itself: it holds the secret key.
  if (leaves.has_error()) throw Error(ErrorKind::corrupt, "AssumeRole answer: " + leaves.error().what);
  const auto element = [&](const std::string& name) {
    const auto at = leaves->find("/AssumeRoleResponse/AssumeRoleResult/Credentials/" + name);
    if (at == leaves->end() || at->second.empty()) {
      throw Error(ErrorKind::corrupt, "AssumeRole answer: no " + name);
    }
    return at->second;
  };
  Credentials out{element("AccessKeyId"), element("SecretAccessKey"), element("SessionToken"), {}};
  const auto expires = time::parse_instant(element("Expiration"));
  if (expires.has_error()) throw Error(ErrorKind::corrupt, "AssumeRole answer: Expiration: " + expires.error().what);
  out.expires = *expires;
  return out;
}

CredentialsProvider& RoleBook::provider(const Role& role) {
  const std::lock_guard lock(mutex_);
  const auto [from, to] = entries_.equal_range(role.arn);
  for (auto at = from; at != to; ++at) {
    if (at->second.role == role) return *at->second.provider;
  }
  auto fetch = [this, role](std::stop_token stop) { return sts_.assume(role, base_, stop); };
  auto made = std::make_unique<RefreshingProvider>(clock_, role.arn, std::move(fetch));
  return *entries_.emplace(role.arn, Entry{role, std::move(made)})->second.provider;
}

}  // namespace supportd::connectors::aws
