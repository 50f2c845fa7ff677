// Signs of life of several threads that each say how long they will be away. Thread-safe.
#pragma once

#include <algorithm>
#include <map>
#include <mutex>
#include <thread>

#include "daemon/time/clock.hpp"

namespace supportd {

class SenderPulse {
 public:
  explicit SenderPulse(const time::Clock& clock) : clock_(clock) {}

  // The calling thread will be back within `busy`.
  void beat(Millis busy) {
    const std::lock_guard lock(mutex_);
    back_by_[std::this_thread::get_id()] = clock_.steady() + busy;
  }
  // They will not be back: the threads end.
  void forget() {
    const std::lock_guard lock(mutex_);
    back_by_.clear();
  }
  // How late the latest of them is.
  std::chrono::nanoseconds silence() const {
    const std::lock_guard lock(mutex_);
    const auto now = clock_.steady();
    std::chrono::nanoseconds out{0};
    for (const auto& [thread, by] : back_by_) out = std::max(out, now - by);
    return out;
  }

 private:
  const time::Clock& clock_;
  mutable std::mutex mutex_;
  std::map<std::thread::id, std::chrono::nanoseconds> back_by_;  // guarded
};

}  // namespace supportd
