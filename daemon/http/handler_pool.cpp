#include "daemon/http/handler_pool.hpp"

namespace supportd::http {

HandlerPool::HandlerPool(time::Clock& clock, std::size_t threads, std::size_t max_waiting)
    : clock_(clock), max_waiting_(max_waiting) {
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.push_back(clock.spawn("http-" + std::to_string(i), [this] { work(); }));
  }
}

HandlerPool::~HandlerPool() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    clock_.ring(bell_);
  }
  threads_.clear();
  drop_waiting();
}

bool HandlerPool::submit(Work work) {
  const std::lock_guard lock(mutex_);
  if (closing_ || waiting_.size() >= max_waiting_) return false;
  waiting_.push_back(std::move(work));
  clock_.ring(bell_);
  return true;
}

void HandlerPool::drop_waiting() {
  std::deque<Work> dropped;
  {
    const std::lock_guard lock(mutex_);
    dropped.swap(waiting_);
  }
  for (const Work& work : dropped) work(false);
}

void HandlerPool::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    while (!closing_ && waiting_.empty()) clock_.wait(lock, bell_);
    if (closing_) return;
    const Work work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work(true);
    lock.lock();
  }
}

}  // namespace supportd::http
