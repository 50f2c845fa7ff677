// A clock that stands where the test sets it. Nothing may wait on it, or every wait moves it to its end at once.
#pragma once

#include <stdexcept>

#include "daemon/time/clock.hpp"

namespace supportd::fakes {

class SetClock final : public time::Clock {
 public:
  explicit SetClock(Instant at) : at(at) {}
  Instant now() const override { return at; }
  std::chrono::nanoseconds steady() const override { return at.time_since_epoch(); }
  void wait(std::unique_lock<std::mutex>&, time::Bell&, Instant until) override {
    if (!may_wait) throw std::logic_error("this test's code must not wait");
    at = until;
  }
  void ring(time::Bell&) override {}
  std::unique_ptr<time::Thread> spawn(std::string, std::function<void()>) override {
    throw std::logic_error("this test's code must not start threads");
  }

  Instant at;
  bool may_wait = false;
};

}  // namespace supportd::fakes
