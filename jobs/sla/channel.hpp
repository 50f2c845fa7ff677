// The channel `log`: what people are to know of thresholds goes into the daemon's log.
#pragma once

#include "daemon/observe/log.hpp"
#include "daemon/outbox/channel.hpp"
#include "daemon/outbox/outbox.hpp"
#include "jobs/sla/store.hpp"

namespace supportd::sla {

inline constexpr const char* log_channel = "log";

class LogChannel final : public outbox::Channel {
 public:
  explicit LogChannel(observe::Log& log) : log_(log) {}

  std::string name() const override { return log_channel; }
  outbox::Traits traits() const override;
  outbox::Prepared prepare(store::Tx& tx, const outbox::Effect& effect) override;
  void finished(store::Tx& tx, const outbox::Effect& effect, const outbox::Sent& sent, Instant now) override;
  void refused(store::Tx& tx, const outbox::Effect& effect, const Error& why, Instant now) override;

 private:
  observe::Log& log_;
};

// Owes one message about thresholds of one ticket, the latest of which gives it its name: the others were overtaken.
// REQUIRES: some, by time.
void tell(store::Tx& tx, outbox::Outbox& outbox, const std::vector<Passed>& confirmed);

}  // namespace supportd::sla
