// AWS STS, API version 2011-06-15: AssumeRole over the query protocol.
#pragma once

#include <map>

#include "tests/fakes/iam.hpp"
#include "tests/fakes/sigv4_verifier.hpp"
#include "tests/fakes/vendor.hpp"

namespace supportd::fakes {

class Sts final : public Vendor {
 public:
  explicit Sts(Iam& iam, SigningScope scope = {"us-east-1", "sts"}) : iam_(iam), scope_(std::move(scope)) {}

  http::Response answer(const http::Request& request, Instant now) override;
  http::Response failure(int status, Instant now) override;

 private:
  http::Response assume_role(const AwsKey& caller, const std::map<std::string, std::string>& form, Instant now);

  Iam& iam_;
  const SigningScope scope_;
};

}  // namespace supportd::fakes
