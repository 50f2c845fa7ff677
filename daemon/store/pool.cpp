#include "daemon/store/pool.hpp"

namespace supportd::store {

std::unique_ptr<Session> Pool::take() {
  std::unique_lock lock(mutex_);
  while (lent_ >= most_) clock_.wait(lock, bell_);
  ++lent_;
  if (idle_.empty()) return nullptr;
  auto session = std::move(idle_.back());
  idle_.pop_back();
  return session;
}

void Pool::give_back(std::unique_ptr<Session> session) {
  const std::lock_guard lock(mutex_);
  --lent_;
  if (session) idle_.push_back(std::move(session));
  clock_.ring(bell_);
}

void Pool::count(int& lent, int& idle) const {
  const std::lock_guard lock(mutex_);
  lent = lent_;
  idle = static_cast<int>(idle_.size());
}

void Pool::lend(const std::function<void(Session&)>& body) {
  auto session = take();
  try {
    if (!session) session = open_();
    if (session->broken()) session->reconnect();
    body(*session);
  } catch (...) {
    give_back(std::move(session));
    throw;
  }
  give_back(std::move(session));
}

}  // namespace supportd::store
