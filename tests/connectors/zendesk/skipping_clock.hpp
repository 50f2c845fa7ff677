// A clock on which waiting moves the time on at once.
#pragma once

#include "daemon/time/clock.hpp"

namespace supportd::connectors::zendesk {

class SkippingClock final : public time::Clock {
 public:
  Instant now() const override { return now_; }
  std::chrono::nanoseconds steady() const override { return now_.time_since_epoch(); }
  void wait(std::unique_lock<std::mutex>&, time::Bell&, Instant until) override { now_ = std::max(now_, until); }
  void ring(time::Bell& bell) override { bell.condition.notify_all(); }
  std::unique_ptr<time::Thread> spawn(std::string, std::function<void()>) override { return {}; }
  void pass(Millis length) { now_ += length; }

 private:
  Instant now_ = time::parse_instant("2026-11-21T10:00:00Z").value();
};

}  // namespace supportd::connectors::zendesk
