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

  // SecretString, or the bytes of SecretBinary, of version AWSCURRENT. `id`: name or ARN. Throws Error{config} with
  // AWS's code when there is no such secret or it cannot be decrypted.
  std::string get(const std::string& id, std::stop_token stop = {});
  // A vendor refused `value`: the next get fetches again. Does nothing when the kept value is another one already.
  void forget(const std::string& id, const std::string& value);

 private:
  JsonClient& client_;
  std::mutex mutex_;
  std::map<std::string, std::string> kept_;
};

}  // namespace supportd::connectors::aws
