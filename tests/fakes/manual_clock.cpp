#include "tests/fakes/manual_clock.hpp"

#include <algorithm>
#include <thread>

namespace supportd::fakes {
namespace {

thread_local const ManualClock* clock_of_this_thread = nullptr;

class Joined final : public time::Thread {
 public:
  explicit Joined(std::thread thread) : thread_(std::move(thread)) {}
  ~Joined() override { thread_.join(); }

 private:
  std::thread thread_;
};

}  // namespace

Instant ManualClock::now() const {
  const std::lock_guard lock(mutex_);
  return wall_;
}

std::chrono::nanoseconds ManualClock::steady() const {
  const std::lock_guard lock(mutex_);
  return steady_;
}

void ManualClock::wait(std::unique_lock<std::mutex>& lock, time::Bell& bell, Instant until) {
  std::unique_lock held(mutex_);
  if (until <= wall_) return;
  Waiter me{.bell = &bell, .until = until, .counted = clock_of_this_thread == this};
  waiters_.push_back(&me);
  if (me.counted) --running_;
  changed_.notify_all();
  lock.unlock();
  changed_.wait(held, [&] { return me.woken; });
  held.unlock();
  lock.lock();
}

void ManualClock::wake(Waiter& waiter) {
  waiter.woken = true;
  if (waiter.counted) ++running_;
}

void ManualClock::ring(time::Bell& bell) {
  const std::lock_guard held(mutex_);
  waiters_.remove_if([&](Waiter* waiter) {
    if (waiter->bell != &bell) return false;
    wake(*waiter);
    return true;
  });
  changed_.notify_all();
}

std::unique_ptr<time::Thread> ManualClock::spawn(std::string, std::function<void()> body) {
  {
    const std::lock_guard held(mutex_);
    ++running_;
  }
  return std::make_unique<Joined>(std::thread([this, run = std::move(body)] {
    clock_of_this_thread = this;
    run();
    const std::lock_guard held(mutex_);
    --running_;
    changed_.notify_all();
  }));
}

Instant ManualClock::first_awaited() const {
  Instant first = time::never;
  for (const Waiter* waiter : waiters_) first = std::min(first, waiter->until);
  return first;
}

void ManualClock::advance(Millis by) {
  std::unique_lock held(mutex_);
  settle(held);
  // Steps of the wall clock meanwhile do not change how long this takes.
  auto left = by;
  for (;;) {
    const Millis stride = std::clamp(first_awaited() - wall_, Millis{0}, left);
    wall_ += stride;
    steady_ += stride;
    left -= stride;
    bool anyone = false;
    waiters_.remove_if([&](Waiter* waiter) {
      if (waiter->until > wall_) return false;
      wake(*waiter);
      return anyone = true;
    });
    changed_.notify_all();
    settle(held);
    if (left == Millis{0} && !anyone) return;
  }
}

void ManualClock::settle() {
  std::unique_lock held(mutex_);
  settle(held);
}

void ManualClock::settle(std::unique_lock<std::mutex>& held) {
  changed_.wait(held, [&] { return running_ == 0; });
}

void ManualClock::step(Millis by) {
  std::unique_lock held(mutex_);
  settle(held);
  wall_ += by;
  for (Waiter* waiter : waiters_) wake(*waiter);
  waiters_.clear();
  changed_.notify_all();
  settle(held);
}

}  // namespace supportd::fakes
