#include "daemon/time/clock.hpp"

#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>

#include <algorithm>
#include <thread>

namespace supportd::time {
namespace {

using RealSeconds = std::chrono::duration<double>;

// How often a waiter looks whether the wall clock was set; only one of the machine's own speed ever is.
constexpr RealSeconds shortest_look{1}, longest_look{10};

class MachineThread final : public Thread {
 public:
  MachineThread(const std::string& name, std::function<void()> body) {
    // A thread inherits the mask of its maker. Signals belong to whoever asks for them, never to a worker.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
      thread_ = std::thread([run = std::move(body)] {
        // Linux lets timed waits of a thread be 50 us late, to wake the processor less often.
        ::prctl(PR_SET_TIMERSLACK, 1UL);
        run();
      });
    } catch (...) {
      pthread_sigmask(SIG_SETMASK, &before, nullptr);
      throw;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    constexpr std::size_t kernel_limit = 15;
    pthread_setname_np(thread_.native_handle(), name.substr(0, kernel_limit).c_str());
  }
  ~MachineThread() override { thread_.join(); }

 private:
  std::thread thread_;
};

std::chrono::nanoseconds read_clock(clockid_t id) {
  timespec at{};
  ::clock_gettime(id, &at);
  return std::chrono::seconds{at.tv_sec} + std::chrono::nanoseconds{at.tv_nsec};
}

}  // namespace

MachineClock::MachineClock(double speed, Instant origin)
    : speed_(speed), origin_(origin), started_(std::chrono::steady_clock::now()) {
  if (!(speed > 0)) throw Error(ErrorKind::config, "the speed of a clock must be above 0");
}

Instant MachineClock::now() const {
  if (speed_ == 1) return std::chrono::floor<Millis>(std::chrono::system_clock::now());
  return origin_ + std::chrono::floor<Millis>(steady());
}

std::chrono::nanoseconds MachineClock::steady() const {
  const auto passed = std::chrono::steady_clock::now() - started_;
  if (speed_ == 1) return passed;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(passed * speed_);
}

void MachineClock::wait(std::unique_lock<std::mutex>& lock, Bell& bell, Instant until) {
  if (until == never) return bell.condition.wait(lock);
  // Not now(), whose whole milliseconds would make every waiter up to one late.
  const RealSeconds reached = speed_ == 1 ? RealSeconds(std::chrono::system_clock::now().time_since_epoch())
                                          : RealSeconds(origin_.time_since_epoch()) + RealSeconds(steady());
  const RealSeconds left = (RealSeconds(until.time_since_epoch()) - reached) / speed_;
  const RealSeconds most = std::clamp(left / 2, shortest_look, speed_ == 1 ? longest_look : shortest_look);
  if (left > RealSeconds(0)) bell.condition.wait_for(lock, std::min(left, most));
}

void MachineClock::ring(Bell& bell) { bell.condition.notify_all(); }

std::unique_ptr<Thread> MachineClock::spawn(std::string name, std::function<void()> body) {
  return std::make_unique<MachineThread>(name, std::move(body));
}

std::chrono::nanoseconds machine_monotonic() { return read_clock(CLOCK_MONOTONIC); }

Instant machine_boot() {
  return std::chrono::floor<Millis>(std::chrono::system_clock::now() - read_clock(CLOCK_BOOTTIME));
}

}  // namespace supportd::time
