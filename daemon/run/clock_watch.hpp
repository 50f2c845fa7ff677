// Notices when the wall clock was set, by comparing it with one that never steps (rule 23). Pure; not thread-safe.
#pragma once

#include <chrono>
#include <optional>

#include "daemon/time/instant.hpp"

namespace supportd::run {

class ClockWatch {
 public:
  ClockWatch(Instant now, std::chrono::nanoseconds steady) : wall_(now), steady_(steady) {}

  // How far the clock was set since the last call, if it was.
  std::optional<Millis> look(Instant now, std::chrono::nanoseconds steady);
  // It jumped forward over a day: nobody knows what time it is until it is back or accepted.
  bool lost() const { return lost_; }
  // Where the clock would be without the jump.
  Instant expected(std::chrono::nanoseconds steady) const;
  void accept(Instant now, std::chrono::nanoseconds steady);

 private:
  Instant wall_;
  std::chrono::nanoseconds steady_;
  bool lost_ = false;
};

}  // namespace supportd::run
