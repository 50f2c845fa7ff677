#include "tests/fakes/secrets_manager.hpp"

#include <algorithm>

#include "daemon/json.hpp"
#include "tests/fakes/codec.hpp"

namespace supportd::fakes {

void SecretsManager::put(const std::string& account, const std::string& name, const std::string& value, Instant now) {
  std::lock_guard lock(mutex_);
  const std::string arn = "arn:aws:secretsmanager:" + scope_.region + ":" + account + ":secret:" + name + "-" +
                          sha256_hex(name).substr(0, 6);
  secrets_[arn] = {arn, name, value, sha256_hex(value + with_millis(now)).substr(0, 32), now};
}

int SecretsManager::reads() const {
  std::lock_guard lock(mutex_);
  return reads_;
}

http::Response SecretsManager::answer(const http::Request& request, Instant now) {
  const auto verified = verify_sigv4(request, scope_, iam_, now);
  if (const auto* failure = std::get_if<AuthFailure>(&verified))
    return aws_fault({failure->code, failure->message}, now);
  try {
    return get(std::get<AwsKey>(verified), request, now);
  } catch (const Error& error) {
    return aws_fault({"SerializationException", error.what()}, now);
  }
}

http::Response SecretsManager::get(const AwsKey& caller, const http::Request& request, Instant now) {
  if (aws_action(request.headers, "secretsmanager") != "GetSecretValue")
    return aws_fault({"UnknownOperationException", "only GetSecretValue is simulated"}, now);
  const auto document = json::Document::parse(request.body, "the request");
  const std::string id = document.root().string("SecretId", "");
  if (id.empty() || id.size() > 2048)
    return aws_fault({"ValidationException", "SecretId must have length between 1 and 2048"}, now);
  std::lock_guard lock(mutex_);
  ++reads_;
  const std::string own = ":" + caller.account + ":secret:";
  const auto found = std::ranges::find_if(secrets_, [&](const auto& entry) {
    return entry.first.find(own) != std::string::npos && (entry.first == id || entry.second.name == id);
  });
  if (found == secrets_.end())
    return aws_fault({"ResourceNotFoundException", "Secrets Manager can't find the specified secret."}, now);
  const Secret& secret = found->second;
  json::Writer out;
  out.object([&] {
    out.member("ARN", secret.arn).member("Name", secret.name).member("VersionId", secret.version);
    out.member("SecretString", secret.value).member("VersionStages", std::vector<std::string>{"AWSCURRENT"});
    out.member("CreatedDate", static_cast<double>(time::to_millis(secret.created)) / 1000);
  });
  return aws_json(out.take(), now);
}

}  // namespace supportd::fakes
