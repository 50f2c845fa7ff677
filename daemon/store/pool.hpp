// Sessions lent one thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "daemon/store/session.hpp"
#include "daemon/time/clock.hpp"

namespace supportd::store {

class Pool {
 public:
  Pool(time::Clock& clock, int most, std::function<std::unique_ptr<Session>()> open)
      : clock_(clock), most_(most), open_(std::move(open)) {}

  // Waits for a free session. A broken one is opened again first.
  void lend(const std::function<void(Session&)>& body);
  void count(int& lent, int& idle) const;

 private:
  std::unique_ptr<Session> take();
  void give_back(std::unique_ptr<Session> session);

  time::Clock& clock_;
  const int most_;
  const std::function<std::unique_ptr<Session>()> open_;

  mutable std::mutex mutex_;
  time::Bell bell_;
  int lent_ = 0;
  std::vector<std::unique_ptr<Session>> idle_;
};

}  // namespace supportd::store
