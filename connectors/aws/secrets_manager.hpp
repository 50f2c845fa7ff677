// Secrets from AWS Secrets Manager, kept until somebody says that they no longer work: each read is logged and billed.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "connectors/aws/json_client.hpp"

namespace supportd::connectors::aws {

inline constexpr std::string_view secrets_manager_target = "secretsmanager";

// Thread-safe.
class SecretsManager {
 public:
  explicit SecretsManager(JsonClient& client) : client_(client) {}

  // SecretString, or the bytes of SecretBinary, of version AWSCURRENT. `id`: name or ARN. `key`: a member of a secret
  // that is a JSON object; empty: the whole. Throws Error{config}, with AWS's code, when there is no such secret or
  // member, or it cannot be decrypted.
  std::string get(const std::string& id, const std::string& key = "", std::stop_token stop = {});
  // A vendor refused `value`: every kept secret that holds it is fetched again when next asked for.
  void forget(const std::string& value);
  // All are fetched again when next asked for.
  void forget_all();

 private:
  std::string whole(const std::string& id, std::stop_token stop);

  JsonClient& client_;
  std::mutex mutex_;
  std::map<std::string, std::string> kept_;
};

}  // namespace supportd::connectors::aws
