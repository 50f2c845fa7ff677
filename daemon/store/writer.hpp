// The one writer of an SQLite ledger. Whoever finds it idle leads: runs all waiting bodies, each in a savepoint, and
// commits them together, so that a hundred small writes cost one wait for the disk.
#pragma once

#include <array>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>

#include "daemon/store/ledger.hpp"

namespace supportd::store {

class Writer {
 public:
  Writer(std::unique_ptr<Session> session, time::Clock& clock) : clock_(clock), session_(std::move(session)) {}

  void write(const std::function<void(Tx&)>& body, WritePriority priority);
  // Adds waiting, oldest_wait, commits and bodies.
  void figures(Ledger::Figures& out) const;
  // Runs `body` with the session while nobody writes.
  void alone(const std::function<void(Session&)>& body);

 private:
  struct Waiting {
    const std::function<void(Tx&)>* body;
    std::chrono::nanoseconds since;
    bool done = false;
    std::exception_ptr error;
    std::vector<std::function<void()>> after;
  };
  using Batch = std::vector<std::shared_ptr<Waiting>>;

  Batch take();
  void commit(const Batch& batch);
  void run_one(Waiting& waiting, bool in_savepoint);

  time::Clock& clock_;
  std::unique_ptr<Session> session_;  // used by the leader only

  mutable std::mutex mutex_;
  time::Bell bell_;
  bool leading_ = false;
  std::array<std::deque<std::shared_ptr<Waiting>>, 3> queue_;
  Batch current_;
  std::int64_t commits_ = 0, bodies_ = 0;
};

}  // namespace supportd::store
