#include "daemon/run/backoff.hpp"

#include <gtest/gtest.h>

#include <set>

#include "daemon/run/jitter.hpp"

namespace supportd::run {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, StaysUnderADoublingCeiling) {
  const Backoff backoff{100ms, 5s};
  const Millis ceilings[] = {100ms, 200ms, 400ms, 800ms, 1600ms, 3200ms, 5s, 5s};
  for (int attempt = 1; attempt <= 8; ++attempt) {
    Millis largest{0};
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
      const Millis delay = delay_after(attempt, backoff, seed);
      EXPECT_GE(delay, 1ms);
      largest = std::max(largest, delay);
    }
    EXPECT_LE(largest, ceilings[attempt - 1]);
    EXPECT_GT(largest, ceilings[attempt - 1] * 9 / 10) << "the whole range is used";
  }
}

TEST(Backoff, IsPureAndTheSeedSpreads) {
  std::set<Millis> delays;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    EXPECT_EQ(delay_after(5, {}, seed), delay_after(5, {}, seed));
    delays.insert(delay_after(5, {}, seed));
  }
  EXPECT_GT(delays.size(), 90u);
}

TEST(Backoff, SurvivesExtremes) {
  EXPECT_LE(delay_after(1'000'000, {}, 7), Backoff{}.cap);
  EXPECT_GE(delay_after(0, {}, 7), 1ms);
  EXPECT_GE(delay_after(70, {1h, Millis::max()}, 7), 1ms);
  EXPECT_EQ(delay_after(3, {0ms, 0ms}, 7), 1ms);
}

TEST(Jitter, IsTheSameForEver) {
  EXPECT_EQ(jitter_of("desk_sync", 60s), 37'714ms);
  EXPECT_EQ(jitter_of("", 60s), 0xcbf29ce484222325 % 60'001 * 1ms);
  EXPECT_EQ(jitter_of("desk_sync", 0ms), 0ms);
  EXPECT_EQ(jitter_of("desk_sync", -1s), 0ms);
}

TEST(Jitter, ReachesBothEnds) {
  std::set<Millis> seen;
  for (int i = 0; i < 200; ++i) seen.insert(jitter_of("job" + std::to_string(i), 4ms));
  EXPECT_EQ(seen, (std::set<Millis>{0ms, 1ms, 2ms, 3ms, 4ms}));
}

}  // namespace
}  // namespace supportd::run
