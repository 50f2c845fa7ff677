// A running daemon between the service manager and its operators: READY, the watchdog, signals, the drain.
#pragma once

#include <deque>
#include <mutex>

#include "daemon/app.hpp"
#include "daemon/signals.hpp"

namespace supportd {

class Service {
 public:
  Service(App& app, time::Clock& clock) : app_(app), clock_(clock) {}

  // Until somebody asks for the end. Returns the exit code; throws Error when it cannot start.
  int run();

 private:
  void take(const Signal& signal);
  void note_step();
  void beat(std::chrono::nanoseconds limit);
  void serve();
  void handle(const Signal& signal);
  void drain(Instant deadline);

  App& app_;
  time::Clock& clock_;

  // Of the signals' thread.
  bool asked_to_stop_ = false;
  std::vector<std::string> stuck_;

  std::mutex mutex_;
  time::Bell bell_;
  bool clock_set_ = false;           // guarded
  std::deque<Signal> waiting_;       // guarded
  std::optional<Instant> deadline_;  // guarded: of the drain, once somebody asked for it
};

}  // namespace supportd
