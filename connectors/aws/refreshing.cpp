#include "connectors/aws/refreshing.hpp"

#include <algorithm>

namespace supportd::connectors::aws {
namespace {

using std::chrono::minutes;

constexpr minutes advisory_window{15};
constexpr minutes mandatory_window{10};
constexpr minutes pause_after_failure{1};

}  // namespace

RefreshingProvider::Freshness RefreshingProvider::freshness(Instant now) const {
  if (!held_) return Freshness::mandatory;
  if (!held_->expires) return stale_ ? Freshness::advisory : Freshness::fresh;
  const Millis length = *held_->expires - obtained_;
  const Millis left = *held_->expires - now;
  if (left <= std::min<Millis>(mandatory_window, length / 6)) return Freshness::mandatory;
  if (left <= std::min<Millis>(advisory_window, length / 3)) return Freshness::advisory;
  return stale_ ? Freshness::advisory : Freshness::fresh;
}

Credentials RefreshingProvider::get(std::stop_token stop) {
  // Declared before the lock: its destructor waits for the callback, which wants the mutex.
  const std::stop_callback wake(stop, [this] {
    const std::lock_guard lock(mutex_);
    clock_.ring(landed_);
  });
  std::unique_lock lock(mutex_);
  const std::uint64_t asked_at = flights_;
  for (;;) {
    const Instant now = clock_.now();
    const Freshness state = freshness(now);
    if (state == Freshness::fresh) return *held_;
    if (state == Freshness::advisory && (in_flight_ || now < not_before_)) return *held_;
    if (flights_ != asked_at && failure_) throw Error(*failure_);
    if (!in_flight_) return renew(lock, stop);
    if (stop.stop_requested()) throw Error(ErrorKind::stopped, "stopped while waiting for AWS keys of " + name_);
    clock_.wait(lock, landed_);
  }
}

Credentials RefreshingProvider::renew(std::unique_lock<std::mutex>& lock, std::stop_token stop) {
  in_flight_ = true;
  lock.unlock();
  std::optional<Credentials> fresh;
  std::optional<Error> failure;
  try {
    fresh = fetch_(stop);
  } catch (const Error& error) {
    failure.emplace(error.kind(), error.code(), "AWS keys of " + name_ + ": " + error.what(), error.retry_after());
  } catch (...) {
    lock.lock();
    in_flight_ = false;
    clock_.ring(landed_);
    throw;
  }
  lock.lock();
  in_flight_ = false;
  ++flights_;
  const Instant now = clock_.now();
  // One caller being stopped is no failure of the others: the next of them flies again.
  failure_ = failure && failure->kind() != ErrorKind::stopped ? failure : std::nullopt;
  if (fresh) {
    held_ = fresh;
    obtained_ = now;
    not_before_ = {};
    stale_ = false;
  } else {
    not_before_ = now + pause_after_failure;
  }
  clock_.ring(landed_);
  if (fresh) return *fresh;
  if (freshness(now) == Freshness::advisory && failure->kind() != ErrorKind::stopped) return *held_;
  throw Error(*failure);
}

void RefreshingProvider::read_again() {
  const std::lock_guard lock(mutex_);
  stale_ = true;
  not_before_ = {};
}

void RefreshingProvider::expire(const Credentials& used) {
  const std::lock_guard lock(mutex_);
  // Another thread may have renewed them meanwhile.
  if (held_ && held_->access_key == used.access_key && held_->session_token == used.session_token) held_.reset();
}

}  // namespace supportd::connectors::aws
