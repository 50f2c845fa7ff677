// The outbox's door to AWS Support, for all accounts.
#pragma once

#include <atomic>

#include "daemon/outbox/channel.hpp"
#include "jobs/aws_cases/deliveries.hpp"
#include "jobs/aws_cases/metrics.hpp"
#include "jobs/aws_cases/opening.hpp"

namespace supportd::aws_cases {

class SupportChannel final : public outbox::Channel {
 public:
  SupportChannel(const Context& context, Metrics& metrics);

  std::string name() const override { return channel_name; }
  outbox::Traits traits() const override;
  outbox::Prepared prepare(store::Tx& tx, const outbox::Effect& effect) override;
  void finished(store::Tx& tx, const outbox::Effect& effect, const outbox::Sent& sent, Instant now) override;
  void refused(store::Tx& tx, const outbox::Effect& effect, const Error& why, Instant now) override;

 private:
  outbox::Prepared prepare_create(store::Tx& tx, const Payload& payload, const Case& it, Delivering with);
  outbox::Prepared prepare_say(store::Tx& tx, const outbox::Effect& effect, const Payload& payload, const Case& it,
                               Delivering with);
  void opened(store::Tx& tx, Case it, const outbox::Sent& sent, Instant now);
  void resolved(store::Tx& tx, Case it, Instant now);
  void reopened(store::Tx& tx, const Payload& payload, Case it, bool found, Instant now);
  void not_opened(store::Tx& tx, Case it, const Error& why, Instant now);
  void not_said(store::Tx& tx, const Payload& payload, Case it, const Error& why, Instant now);
  void park(store::Tx& tx, const Case& it, const Error& why, Instant now);
  void learn(store::Tx& tx);
  Millis settle() const;

  const Context context_;
  const Opening opening_;
  const Owing owing_;
  Metrics& metrics_;
  std::atomic<std::int64_t> probed_settle_ms_ = 0;  // what a probe found; as of the last effect
};

}  // namespace supportd::aws_cases
