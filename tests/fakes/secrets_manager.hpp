// AWS Secrets Manager, API version 2017-10-17: GetSecretValue.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "tests/fakes/aws_wire.hpp"
#include "tests/fakes/iam.hpp"
#include "tests/fakes/sigv4_verifier.hpp"
#include "tests/fakes/vendor.hpp"

namespace supportd::fakes {

class SecretsManager final : public Vendor {
 public:
  explicit SecretsManager(const Iam& iam, SigningScope scope = {"us-east-1", "secretsmanager"})
      : iam_(iam), scope_(std::move(scope)) {}

  // Sets or rotates it.
  void put(const std::string& account, const std::string& name, const std::string& value, Instant now);
  int reads() const;

  http::Response answer(const http::Request& request, Instant now) override;
  http::Response failure(int status, Instant now) override { return aws_failure(status, now); }

 private:
  struct Secret {
    std::string arn, name, value, version;
    Instant created{};
  };
  http::Response get(const AwsKey& caller, const http::Request& request, Instant now);

  const Iam& iam_;
  const SigningScope scope_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::map<std::string, Secret> secrets_;  // by ARN
  int reads_ = 0;
};

}  // namespace supportd::fakes
