#include "daemon/run/clock_watch.hpp"

namespace supportd::run {
namespace {

using namespace std::chrono_literals;

constexpr Millis smallest_step = 1s;
constexpr Millis credible = 24h;

}  // namespace

Instant ClockWatch::expected(std::chrono::nanoseconds steady) const {
  return wall_ + std::chrono::floor<Millis>(steady - steady_);
}

std::optional<Millis> ClockWatch::look(Instant now, std::chrono::nanoseconds steady) {
  const Millis step = now - expected(steady);
  const bool incredible = step > credible;
  if (incredible) {
    if (lost_) return {};
    lost_ = true;
    return step;
  }
  const bool was_lost = lost_;
  accept(now, steady);
  if (was_lost || std::chrono::abs(step) > smallest_step) return step;
  return {};
}

void ClockWatch::accept(Instant now, std::chrono::nanoseconds steady) {
  wall_ = now;
  steady_ = steady;
  lost_ = false;
}

}  // namespace supportd::run
