#include "daemon/observe/pulse.hpp"

#include <algorithm>

namespace supportd::observe {

std::chrono::nanoseconds Pulse::silence(std::chrono::nanoseconds steady) const {
  const std::int64_t last = last_;
  if (last == resting) return {};
  return std::max(steady - std::chrono::nanoseconds{last}, std::chrono::nanoseconds{0});
}

Pulse& Pulses::add(std::string name) {
  const std::lock_guard lock(mutex_);
  return pulses_.emplace_back(std::move(name), clock_);
}

void Pulses::add_probe(std::string name, std::function<std::chrono::nanoseconds()> silence) {
  const std::lock_guard lock(mutex_);
  probes_.push_back({std::move(name), std::move(silence)});
}

std::vector<std::string> Pulses::stuck(std::chrono::nanoseconds steady, std::chrono::nanoseconds limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (const Pulse& pulse : pulses_) {
    if (pulse.silence(steady) > limit) out.push_back(pulse.name());
  }
  for (const Probe& probe : probes_) {
    if (probe.silence() > limit) out.push_back(probe.name);
  }
  return out;
}

}  // namespace supportd::observe
