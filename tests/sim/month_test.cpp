#include "tests/sim/month.hpp"

#include <gtest/gtest.h>

namespace supportd::sim {
namespace {

TEST(Month, a_seed_replays_the_whole_daemon_turn_by_turn) {
  const auto live = [] {
    Month month({.seed = 3, .plant = Plant::none, .trace = {}, .keep = {}});
    return month.run();
  };
  const Verdict once = live(), again = live();
  EXPECT_EQ(once.trace_hash, again.trace_hash);
  EXPECT_EQ(once.broken, again.broken);
  EXPECT_EQ(once.coverage, again.coverage);
  EXPECT_GE(once.tickets, 100);
  EXPECT_GE(once.messages, 500);
  EXPECT_GT(once.coverage.at("fault cut_after"), 0);
}

}  // namespace
}  // namespace supportd::sim
