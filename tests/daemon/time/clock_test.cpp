#include "daemon/time/clock.hpp"

#include <gtest/gtest.h>
#include <pthread.h>
#include <signal.h>

namespace supportd::time {
namespace {

using namespace std::chrono_literals;

TEST(MachineClock, StartsAtItsOriginAndRunsAtItsSpeed) {
  const Instant origin = from_millis(1'767'225'600'000);
  MachineClock clock(1e7, origin);
  EXPECT_EQ(clock.speed(), 1e7);
  EXPECT_GE(clock.now(), origin);
  std::mutex mutex;
  Bell bell;
  std::unique_lock lock(mutex);
  const Instant tomorrow = origin + 24h;
  while (clock.now() < tomorrow) clock.wait(lock, bell, tomorrow);
  EXPECT_GE(clock.steady(), 24h);
}

TEST(MachineClock, RefusesToStandStill) { EXPECT_THROW(MachineClock(0, Instant{}), Error); }

TEST(MachineClock, SteadyTimeNeverGoesBack) {
  MachineClock clock;
  const auto before = clock.steady();
  EXPECT_GE(clock.steady(), before);
}

TEST(MachineClock, DoesNotWaitForThePast) {
  MachineClock clock;
  std::mutex mutex;
  Bell bell;
  std::unique_lock lock(mutex);
  clock.wait(lock, bell, clock.now());
  EXPECT_TRUE(lock.owns_lock());
}

TEST(MachineClock, ARingEndsAWaitWithoutLimit) {
  MachineClock clock;
  std::mutex mutex;
  Bell asked, answered;
  bool question = false, answer = false;
  auto thread = clock.spawn("answers", [&] {
    std::unique_lock lock(mutex);
    while (!question) clock.wait(lock, asked);
    answer = true;
    clock.ring(answered);
  });
  std::unique_lock lock(mutex);
  question = true;
  clock.ring(asked);
  while (!answer) clock.wait(lock, answered);
  EXPECT_TRUE(answer);
}

TEST(MachineClock, AThreadIsNamedTakesNoSignalsAndIsJoined) {
  MachineClock clock;
  std::mutex mutex;
  Bell named;
  bool go = false, finished = false;
  std::string name;
  sigset_t mask;
  sigset_t before, after;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  {
    auto thread = clock.spawn("a name longer than the kernel's limit", [&] {
      std::unique_lock lock(mutex);
      while (!go) clock.wait(lock, named);
      char text[32] = {};
      pthread_getname_np(pthread_self(), text, sizeof text);
      name = text;
      pthread_sigmask(SIG_SETMASK, nullptr, &mask);
      finished = true;
    });
    pthread_sigmask(SIG_SETMASK, nullptr, &after);
    std::unique_lock lock(mutex);
    go = true;
    clock.ring(named);
  }
  EXPECT_TRUE(finished);
  EXPECT_EQ(name, "a name longer t");
  EXPECT_TRUE(sigismember(&mask, SIGTERM));
  EXPECT_EQ(sigismember(&before, SIGTERM), sigismember(&after, SIGTERM));
}

}  // namespace
}  // namespace supportd::time
