// What keeps a loop from its work: said once when it begins, each minute while it lasts, and when it is over.
// Thread-safe.
#pragma once

#include <atomic>
#include <mutex>
#include <optional>
#include <string>

#include "daemon/observe/log.hpp"

namespace supportd::observe {

class Trouble {
 public:
  // `who`: "scheduler".
  Trouble(Log& log, const time::Clock& clock, std::string who) : log_(log), clock_(clock), who_(std::move(who)) {}

  void met(const std::string& error);
  // Cheap while there is none.
  void over();
  // "the scheduler cannot go on since 2026-01-01T00:00:00Z: the disk is full"
  std::optional<std::string> text() const;

 private:
  struct State {
    Instant since, said;
    std::string error;
  };

  Log& log_;
  const time::Clock& clock_;
  const std::string who_;
  std::atomic<bool> any_ = false;
  mutable std::mutex mutex_;
  std::optional<State> state_;  // guarded
};

}  // namespace supportd::observe
