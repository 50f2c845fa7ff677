#include "daemon/observe/pulse.hpp"

#include <gmock/gmock.h>

namespace supportd::observe {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class Steady final : public time::Clock {
 public:
  Instant now() const override { return {}; }
  std::chrono::nanoseconds steady() const override { return at; }
  void wait(std::unique_lock<std::mutex>&, time::Bell&, Instant) override {}
  void ring(time::Bell&) override {}
  std::unique_ptr<time::Thread> spawn(std::string, std::function<void()>) override { return nullptr; }

  std::chrono::nanoseconds at = 100s;
};

TEST(Pulses, NameTheLoopsThatFellSilent) {
  Steady clock;
  Pulses pulses(clock);
  Pulse& scheduler = pulses.add("scheduler");
  Pulse& http = pulses.add("http");
  std::chrono::nanoseconds write_waits = 0s;
  pulses.add_probe("ledger", [&] { return write_waits; });

  clock.at += 10s;
  http.beat();
  clock.at += 10s;
  EXPECT_THAT(pulses.stuck(clock.at, 15s), ElementsAre("scheduler"));
  write_waits = 16s;
  EXPECT_THAT(pulses.stuck(clock.at, 15s), ElementsAre("scheduler", "ledger"));
  write_waits = 0s;
  scheduler.rest();
  clock.at += 1h;
  http.beat();
  EXPECT_THAT(pulses.stuck(clock.at, 15s), IsEmpty());
  scheduler.beat();
  clock.at += 16s;
  EXPECT_THAT(pulses.stuck(clock.at, 15s), ElementsAre("scheduler", "http"));
}

}  // namespace
}  // namespace supportd::observe
