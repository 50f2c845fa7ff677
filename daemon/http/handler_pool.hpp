// The threads that run handlers, so that a slow one never holds up the loop.
// Thread-safe. The destructor ends what runs and drops what waits.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "daemon/time/clock.hpp"

namespace supportd::http {

class HandlerPool {
 public:
  // Called on one of the threads; with false on whichever thread drops it.
  using Work = std::function<void(bool run)>;

  HandlerPool(time::Clock& clock, std::size_t threads, std::size_t max_waiting);
  ~HandlerPool();

  // False when too many wait already.
  bool submit(Work work);
  void drop_waiting();

 private:
  void work();

  time::Clock& clock_;
  const std::size_t max_waiting_;

  std::mutex mutex_;
  time::Bell bell_;
  std::deque<Work> waiting_;  // guarded
  bool closing_ = false;      // guarded
  std::vector<std::unique_ptr<time::Thread>> threads_;
};

}  // namespace supportd::http
