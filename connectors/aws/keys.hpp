// Our own keys and what is asked with them for everybody else: STS and Secrets Manager, as [aws] says.
#pragma once

#include "connectors/aws/secrets_manager.hpp"
#include "connectors/aws/section.hpp"

namespace supportd::connectors::aws {

// Thread-safe. Calls nobody until asked. Borrows `http`, which must reach the instance's endpoint without a proxy.
class Keys {
 public:
  Keys(const Section& section, http::Client& http, time::Clock& clock);

  CredentialsProvider& base() { return *base_; }
  Sts& sts() { return sts_; }
  SecretsManager& secrets() { return secrets_; }
  RoleBook& roles() { return roles_; }
  // A reload reads every secret again; sessions of roles go on.
  void read_again();

 private:
  Endpoint sts_endpoint_, secrets_endpoint_;
  Sts sts_;
  std::unique_ptr<CredentialsProvider> base_;
  JsonClient secrets_calls_;
  SecretsManager secrets_;
  RoleBook roles_;
};

}  // namespace supportd::connectors::aws
