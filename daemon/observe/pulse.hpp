// Signs of life of the daemon's loops, for the watchdog. Thread-safe.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/time/clock.hpp"

namespace supportd::observe {

// One loop's. It beats each time round; before a wait of unknown length it rests.
class Pulse {
 public:
  Pulse(std::string name, const time::Clock& clock) : name_(std::move(name)), clock_(clock) { beat(); }

  void beat() { last_ = clock_.steady().count(); }
  // Nothing to do: silence is no sign of trouble until the next beat.
  void rest() { last_ = resting; }

  const std::string& name() const { return name_; }
  // Time since the last beat; 0 at rest.
  std::chrono::nanoseconds silence(std::chrono::nanoseconds steady) const;

 private:
  static constexpr std::int64_t resting = -1;
  const std::string name_;
  const time::Clock& clock_;
  std::atomic<std::int64_t> last_;
};

class Pulses {
 public:
  explicit Pulses(const time::Clock& clock) : clock_(clock) {}

  // Stays valid as long as this.
  Pulse& add(std::string name);
  // For what is watched from outside (the oldest write waiting in the ledger): how long it has been silent.
  void add_probe(std::string name, std::function<std::chrono::nanoseconds()> silence);
  // Names of those silent for longer than `limit`.
  std::vector<std::string> stuck(std::chrono::nanoseconds steady, std::chrono::nanoseconds limit) const;

 private:
  struct Probe {
    std::string name;
    std::function<std::chrono::nanoseconds()> silence;
  };
  const time::Clock& clock_;

  mutable std::mutex mutex_;
  std::list<Pulse> pulses_;    // guarded
  std::vector<Probe> probes_;  // guarded
};

}  // namespace supportd::observe
