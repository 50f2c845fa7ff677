// A clock that stands still until the test moves it. Real threads, but time passes only in `advance`, which goes from
// one awaited instant to the next and lets every thread finish what it does there before it goes on.
#pragma once

#include <list>

#include "daemon/time/clock.hpp"

namespace supportd::fakes {

class ManualClock final : public time::Clock {
 public:
  explicit ManualClock(Instant start) : wall_(start) {}

  Instant now() const override;
  std::chrono::nanoseconds steady() const override;
  void wait(std::unique_lock<std::mutex>& lock, time::Bell& bell, Instant until = time::never) override;
  void ring(time::Bell& bell) override;
  std::unique_ptr<time::Thread> spawn(std::string name, std::function<void()> body) override;

  // Returns when all threads of this clock wait again. For the test's thread only.
  void advance(Millis by);
  void advance_to(Instant to) { advance(to - now()); }
  // Waits for the threads without moving time.
  void settle();
  // The wall clock is set, forward or back, while steady time goes on; whoever waits looks again.
  void step(Millis by);

 private:
  struct Waiter {
    const time::Bell* bell;
    Instant until;
    bool counted;  // a thread of this clock
    bool woken = false;
  };
  void wake(Waiter& waiter);
  void settle(std::unique_lock<std::mutex>& held);
  Instant first_awaited() const;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  Instant wall_;
  std::chrono::nanoseconds steady_{0};
  std::list<Waiter*> waiters_;
  int running_ = 0;  // threads of this clock that do not wait
};

}  // namespace supportd::fakes
