// The only door to time, waiting and threads. The machine's clock stands behind it in production; the
// simulation's baton (tests/sim) behind the same interface, so that whole months run in a second.
// Thread-safe. A mutex may be held across `wait` only if it is the one passed to it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "daemon/time/instant.hpp"

namespace supportd::time {

// What threads wait on. Its waiters and ringers share one mutex of the owner's.
class Bell {
 public:
  std::condition_variable condition;
};

// A running thread; the destructor joins. Whoever owns it must have told the body to end before.
class Thread {
 public:
  virtual ~Thread() = default;
};

// Where the simulation may switch tasks or crash the process.
enum class Seam { call, before_commit, after_commit };

class Clock {
 public:
  virtual ~Clock() = default;

  // Wall time. May step; never use it to measure a length.
  virtual Instant now() const = 0;
  // Time since some fixed point; never steps.
  virtual std::chrono::nanoseconds steady() const = 0;
  // Until rung or `until` is reached, whichever is first. May return early: callers loop on their condition.
  virtual void wait(std::unique_lock<std::mutex>& lock, Bell& bell, Instant until = never) = 0;
  virtual void ring(Bell& bell) = 0;
  virtual std::unique_ptr<Thread> spawn(std::string name, std::function<void()> body) = 0;
  virtual void seam(Seam) {}
  // How many of this clock's seconds pass in a real one (the demo runs at 60).
  virtual double speed() const { return 1; }
};

// The machine's clock. A wait that has an end returns early once half of it is over, and every ten seconds, so that
// whoever waits sees that the wall clock was set. With a speed other than 1 both wall and steady time run from `origin`
// that many times faster.
class MachineClock final : public Clock {
 public:
  MachineClock() = default;
  MachineClock(double speed, Instant origin);

  Instant now() const override;
  std::chrono::nanoseconds steady() const override;
  void wait(std::unique_lock<std::mutex>& lock, Bell& bell, Instant until = never) override;
  void ring(Bell& bell) override;
  std::unique_ptr<Thread> spawn(std::string name, std::function<void()> body) override;
  double speed() const override { return speed_; }

 private:
  double speed_ = 1;
  Instant origin_{};
  std::chrono::steady_clock::time_point started_{};
};

// What the kernel says, whatever clock the daemon runs by: for systemd and for process metrics.
std::chrono::nanoseconds machine_monotonic();  // CLOCK_MONOTONIC
Instant machine_boot();                        // when the machine started, by its wall clock of now

}  // namespace supportd::time
