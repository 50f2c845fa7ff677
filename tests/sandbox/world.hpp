// The simulated outside of one support desk: two customers with AWS accounts, one without a support plan, a Freshdesk
// and a Zendesk with their people, and the witness that counts (on Freshdesk).
#pragma once

#include <string>

#include "tests/fakes/aws_support.hpp"
#include "tests/fakes/freshdesk.hpp"
#include "tests/fakes/secrets_manager.hpp"
#include "tests/fakes/sqs.hpp"
#include "tests/fakes/sts.hpp"
#include "tests/fakes/witness.hpp"
#include "tests/fakes/zendesk.hpp"

namespace supportd::sandbox {

struct WorldOptions {
  std::uint64_t seed = 1;
  int aws_calls_per_minute = 10;
  Millis list_lag{1000};
  std::string attachment_base;          // "http://127.0.0.1:4711"
  std::string zendesk_attachment_base;  // another
  std::string zendesk_webhooks;         // URL of a receiver; empty: none
  int zendesk_webhook_trouble = 0;      // per cent lost, and as many twice; late by up to 2 s then
  bool two_desks = false;               // the witness expects a counterpart of every ticket at Zendesk
  std::string shared;                   // where the AWS service model lies
};

class World {
 public:
  explicit World(const WorldOptions& options, Instant now);

  static constexpr const char* external_id = "supportd-sandbox";
  static constexpr const char* freshdesk_key = "sandbox-freshdesk-key";
  static constexpr const char* freshdesk_secret = "supportd/freshdesk";  // in Secrets Manager, home account

  static constexpr const char* queue_name = "supportd";  // of the home account; AWS's case events come there

  static constexpr const char* zendesk_mail = "supportd@desk.example";
  static constexpr const char* zendesk_token = "sandbox-zendesk-token";
  static constexpr const char* zendesk_secret = "supportd/zendesk";
  static constexpr const char* zendesk_webhook_secret = "c2FuZGJveC16ZW5kZXNr";

  fakes::Iam iam;
  fakes::AwsKey key;
  fakes::AwsSupport aws;
  fakes::Sts sts;
  fakes::SecretsManager secrets;
  fakes::Sqs sqs;
  fakes::Freshdesk desk;
  fakes::Zendesk zendesk;
  fakes::Witness witness;
  std::int64_t bot = 0;    // the daemon's agent
  std::int64_t agent = 0;  // a human
  const bool two_desks;
  std::int64_t zendesk_bot = 0, zendesk_agent = 0;
};

}  // namespace supportd::sandbox
