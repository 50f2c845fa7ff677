// The signals of the process, taken by one thread that never waits for anything else (man 7 signal, man signalfd).
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/time/clock.hpp"

namespace supportd {

// First thing in main, before any thread: a signal that comes early waits instead of killing us. SIGPIPE is ignored.
void block_signals();

struct Signal {
  int number = 0;
  std::string sender;  // "signal by uid 0, pid 1"
};

class Signals {
 public:
  struct Options {
    std::function<void(const Signal&)> signal;       // must not block
    std::function<void()> beat;                      // must not block
    std::optional<std::chrono::milliseconds> every;  // of the machine's time; none: no beats
  };

  // Starts at once. REQUIRES block_signals.
  Signals(time::Clock& clock, Options options);
  ~Signals();
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  void run();
  void take();

  const Options options_;
  const int signals_;  // signalfd
  const int end_;      // eventfd
  std::unique_ptr<time::Thread> thread_;
};

}  // namespace supportd
