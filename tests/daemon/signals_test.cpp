#include "daemon/signals.hpp"

#include <gtest/gtest.h>
#include <time.h>

namespace supportd {
namespace {

TEST(Signals, TellThatTheWallClockWasSet) {
  time::MachineClock clock;
  std::mutex mutex;
  time::Bell bell;
  bool told = false;
  const Signals signals(clock, {.signal = [](const Signal&) {},
                                .clock_set =
                                    [&] {
                                      const std::lock_guard lock(mutex);
                                      told = true;
                                      clock.ring(bell);
                                    },
                                .beat = {},
                                .every = {}});
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  if (::clock_settime(CLOCK_REALTIME, &now) != 0) GTEST_SKIP() << "not permitted to set the clock, even to what it is";
  std::unique_lock lock(mutex);
  while (!told) clock.wait(lock, bell);
}

}  // namespace
}  // namespace supportd
