#include "daemon/run/patience.hpp"

#include <gmock/gmock.h>

#include "daemon/run/runs.hpp"
#include "daemon/run/scheduler.hpp"
#include "tests/fakes/scratch.hpp"
#include "tests/fakes/set_clock.hpp"

namespace supportd::run {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

const Instant start = time::parse_instant("2026-01-01T00:00:00Z").value();

class PatienceTest : public testing::Test {
 protected:
  PatienceTest() { clock.may_wait = true; }
  static RunRow begin(store::Ledger& ledger) {
    RunRow row;
    row.job = "job";
    row.slot = row.created = row.start_at = start;
    row.owner = "a";
    return ledger.write([&](store::Tx& tx) { return *runs::start(tx, runs::add(tx, row), "a", start); });
  }
  std::string told() {
    return ledger.read([&](store::Tx& tx) { return runs::find(tx, run.id)->summary; });
  }

  fakes::Scratch scratch;
  fakes::SetClock clock{start};
  store::Ledger ledger{scratch.ledger(store::Engine::sqlite), clock, Scheduler::migrations()};
  observe::Log log{clock, [](const observe::Record&) {}};
  const Arguments none;
  const RunRow run = begin(ledger);
  JobContext context{start, clock, {}, ledger, log, none, false, Fence(run.id, run.fence), nullptr};
};

TEST_F(PatienceTest, SaysBesideHowFarItGotWhatItWaitsFor) {
  Patience patiently(context);
  std::vector<std::string> seen;
  const auto third_time = [&] {
    seen.push_back(told());
    if (seen.size() % 3 != 0) throw Error(ErrorKind::throttled, "budget freshdesk:main is used up", 30s);
    return 7;
  };
  EXPECT_EQ(patiently(third_time), 7);
  patiently.tell({"100 tickets read", {{"percent", 40}}});
  EXPECT_EQ(patiently(third_time), 7);
  EXPECT_THAT(seen, ElementsAre("", "waits 30s: budget freshdesk:main is used up",
                                "waits 30s: budget freshdesk:main is used up", "100 tickets read",
                                "100 tickets read; waits 30s: budget freshdesk:main is used up",
                                "100 tickets read; waits 30s: budget freshdesk:main is used up"));
  EXPECT_EQ(clock.at, start + 120s);
  EXPECT_EQ(ledger.read([&](store::Tx& tx) { return runs::find(tx, run.id)->counts; }), "{\"percent\":40}");
}

TEST_F(PatienceTest, WaitsForNothingElse) {
  Patience patiently(context);
  EXPECT_THROW(patiently([]() -> int { throw Error(ErrorKind::unreachable, "refused"); }), Error);
  EXPECT_EQ(clock.at, start);
}

}  // namespace
}  // namespace supportd::run
