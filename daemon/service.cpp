#include "daemon/service.hpp"

#include <signal.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "daemon/observe/notify.hpp"

namespace supportd {
namespace {

using namespace std::chrono_literals;
namespace notify = observe::notify;

constexpr Millis refresh_status = 60s;
// Parts with nothing to do show that they live every ten seconds (time::MachineClock), http every four.
constexpr std::chrono::microseconds shortest_limit = 12s;
constexpr Millis beyond_drain = 10s;  // what a drain may cost after its deadline

// Real time as the clock counts it.
std::chrono::nanoseconds on(const time::Clock& clock, std::chrono::microseconds real) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(real * clock.speed());
}

}  // namespace

int Service::run() {
  const auto watchdog = notify::watchdog_interval();
  Signals::Options options{.signal = [this](const Signal& signal) { take(signal); },
                           .clock_set = [this] { note_step(); },
                           .beat = {},
                           .every = {}};
  if (watchdog) {
    options.every = std::chrono::duration_cast<std::chrono::milliseconds>(*watchdog / 4);
    const auto limit = on(clock_, std::max(std::chrono::microseconds(*watchdog / 2), shortest_limit));
    options.beat = [this, limit] { beat(limit); };
  }
  const Signals signals(clock_, std::move(options));
  app_.start([this] { notify::ready(app_.summary()); });
  serve();
  return 0;
}

// On the signals' thread, which must answer while anything else hangs.
void Service::take(const Signal& signal) {
  const bool is_stop = signal.number == SIGTERM || signal.number == SIGINT;
  if (is_stop && asked_to_stop_) return app_.hurry();
  const std::lock_guard lock(mutex_);
  if (is_stop) {
    asked_to_stop_ = true;
    deadline_ = signal.number == SIGTERM ? clock_.now() + app_.drain_time() : clock_.now();
  } else {
    waiting_.push_back(signal);
  }
  clock_.ring(bell_);
}

void Service::note_step() {
  const std::lock_guard lock(mutex_);
  clock_set_ = true;
  clock_.ring(bell_);
}

void Service::beat(std::chrono::nanoseconds limit) {
  auto stuck = app_.pulses().stuck(clock_.steady(), limit);
  if (stuck.empty()) {
    notify::watchdog();
  } else if (stuck != stuck_) {
    std::string names;
    for (const auto& name : stuck) names += (names.empty() ? "" : ", ") + name;
    app_.log().error("stuck: the watchdog is not fed", {{"parts", names}});
  }
  stuck_ = std::move(stuck);
}

void Service::serve() {
  Instant status_due = clock_.now() + refresh_status;
  for (;;) {
    std::unique_lock lock(mutex_);
    while (waiting_.empty() && !deadline_ && !clock_set_ && clock_.now() < status_due) {
      clock_.wait(lock, bell_, status_due);
    }
    if (deadline_) {
      const Instant deadline = *deadline_;
      lock.unlock();
      return drain(deadline);
    }
    if (std::exchange(clock_set_, false)) {
      lock.unlock();
      app_.clock_was_set();
      continue;
    }
    if (!waiting_.empty()) {
      const Signal signal = std::move(waiting_.front());
      waiting_.pop_front();
      lock.unlock();
      handle(signal);
      continue;
    }
    lock.unlock();
    notify::status(app_.summary());
    status_due = clock_.now() + refresh_status;
  }
}

void Service::handle(const Signal& signal) {
  if (signal.number == SIGHUP) {
    app_.reload(signal.sender, false);
  } else if (signal.number == SIGUSR1) {
    std::istringstream lines(app_.dump());
    for (std::string line; std::getline(lines, line);) app_.log().info("state", {{"line", line}});
  } else if (signal.number >= SIGRTMIN) {
    app_.signalled(signal.number - SIGRTMIN, signal.sender);
  }
}

void Service::drain(Instant deadline) {
  notify::stopping("draining until " + time::to_text(deadline));
  const auto real = std::chrono::duration<double, std::milli>(deadline - clock_.now()) / clock_.speed();
  notify::extend_timeout(std::chrono::ceil<Millis>(real) + beyond_drain);
  app_.stop(deadline);
}

}  // namespace supportd
