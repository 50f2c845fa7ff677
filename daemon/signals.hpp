// What the kernel tells the process: signals, and that the wall clock was set. Taken by one thread that never waits for
// anything else (man 7 signal, man signalfd, man timerfd_create).
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
    std::function<void(const Signal&)> signal;  // none of them may block
    std::function<void()> clock_set;
    std::function<void()> beat;
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
  void look_at_clock();

  const Options options_;
  const int signals_;  // signalfd
  const int steps_;    // timerfd; -1: the kernel cannot tell
  const int end_;      // eventfd
  std::unique_ptr<time::Thread> thread_;
};

}  // namespace supportd
