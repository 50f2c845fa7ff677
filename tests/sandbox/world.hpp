// The simulated outside of one support desk: two customers with AWS accounts, one without a support plan, a Freshdesk
// with its people, and the witness that counts.
#pragma once

#include <string>

#include "tests/fakes/aws_support.hpp"
#include "tests/fakes/freshdesk.hpp"
#include "tests/fakes/secrets_manager.hpp"
#include "tests/fakes/sts.hpp"
#include "tests/fakes/witness.hpp"

namespace supportd::sandbox {

struct WorldOptions {
  std::uint64_t seed = 1;
  int aws_calls_per_minute = 10;
  Millis list_lag{1000};
  std::string attachment_base;  // "http://127.0.0.1:4711"
  std::string shared;           // where the AWS service model lies
};

class World {
 public:
  explicit World(const WorldOptions& options, Instant now);

  static constexpr const char* external_id = "supportd-sandbox";
  static constexpr const char* freshdesk_key = "sandbox-freshdesk-key";
  static constexpr const char* freshdesk_secret = "supportd/freshdesk";  // in Secrets Manager, home account

  fakes::Iam iam;
  fakes::AwsKey key;
  fakes::AwsSupport aws;
  fakes::Sts sts;
  fakes::SecretsManager secrets;
  fakes::Freshdesk desk;
  fakes::Witness witness;
  std::int64_t bot = 0;    // the daemon's agent
  std::int64_t agent = 0;  // a human
};

}  // namespace supportd::sandbox
