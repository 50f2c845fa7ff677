#include "daemon/run/deadlines.hpp"

#include <gmock/gmock.h>

#include "daemon/run/each.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/scratch.hpp"

namespace supportd::run {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Instant start = time::parse_instant("2026-01-01T00:00:00Z").value();

const store::Migration fired_schema{
    .slice = "fired", .number = 1, .sql = "CREATE TABLE fired (id {id}, key TEXT NOT NULL, daemon TEXT NOT NULL)"};

// A daemon's deadlines and the ledger they are in.
struct Daemon {
  Daemon(const store::LedgerOptions& options, time::Clock& clock, std::string daemon_name = "a")
      : name(std::move(daemon_name)), ledger(options, clock, migrations()), log(clock, [](const observe::Record&) {}) {
    deadlines.on("sla", [this](store::Tx& tx, const std::string& key, Instant, Instant) {
      tx.exec("INSERT INTO fired (key, daemon) VALUES (:key, :daemon)", key, name);
    });
  }
  static std::vector<store::Migration> migrations() {
    auto all = Deadlines::migrations();
    all.push_back(fired_schema);
    return all;
  }
  void arm(const std::string& key, Instant at, const std::string& kind = "sla") {
    ledger.write([&](store::Tx& tx) { deadlines.arm(tx, kind, key, at); });
  }
  void disarm(const std::string& key) {
    ledger.write([&](store::Tx& tx) { deadlines.disarm(tx, "sla", key); });
  }
  std::size_t fire_all(Instant now) {
    std::size_t all = 0;
    while (const std::size_t fired = deadlines.fire(now)) all += fired;
    return all;
  }
  std::vector<std::string> fired() {
    return ledger.read([](store::Tx& tx) { return tx.all<std::string>("SELECT key FROM fired ORDER BY id"); });
  }
  long long rows() {
    return *ledger.read([](store::Tx& tx) { return tx.one<long long>("SELECT count(*) FROM deadline"); });
  }

  std::string name;
  store::Ledger ledger;
  observe::Metrics metrics;
  observe::Log log;
  Deadlines deadlines{ledger, log, metrics};
};

class DeadlinesTest : public testing::TestWithParam<store::Engine> {
 protected:
  void SetUp() override {
    if (!fakes::have(GetParam())) GTEST_SKIP() << "no " << fakes::name_of(GetParam()) << " to test against";
    options = scratch.ledger(GetParam());
  }
  fakes::Scratch scratch;
  fakes::ManualClock clock{start};
  store::LedgerOptions options;
};

// Somebody arms the same key for the same instant just after it was fired and before that is accounted for: another
// row, though it looks like the one before.
TEST_P(DeadlinesTest, WhatIsArmedWhileItsLikeIsFiredIsNotLost) {
  Daemon daemon(options, clock);
  int times = 0;
  daemon.deadlines.on("again", [&](store::Tx& tx, const std::string& key, Instant at, Instant) {
    if (++times == 1) tx.after_commit([&daemon, key, at] { daemon.arm(key, at, "again"); });
  });
  daemon.arm("x", start + 1min, "again");
  EXPECT_EQ(daemon.fire_all(start + 1min), 2U);
  EXPECT_EQ(times, 2);
  EXPECT_EQ(daemon.rows(), 0);
}

TEST_P(DeadlinesTest, FireInOrderWhenDueAndNotBefore) {
  Daemon daemon(options, clock);
  daemon.arm("late", start + 2min);
  daemon.arm("early", start + 1min);
  EXPECT_EQ(daemon.fire_all(start + 1min - 1ms), 0U);
  EXPECT_EQ(daemon.deadlines.next(), start + 1min);
  EXPECT_EQ(daemon.fire_all(start + 1min), 1U);
  EXPECT_EQ(daemon.fire_all(start + 5min), 1U);
  EXPECT_THAT(daemon.fired(), ElementsAre("early", "late"));
  EXPECT_EQ(daemon.rows(), 0);
}

TEST_P(DeadlinesTest, ArmingAgainMovesAndDisarmingForgets) {
  Daemon daemon(options, clock);
  daemon.fire_all(start);
  daemon.arm("moved", start + 1min);
  daemon.arm("moved", start + 3min);
  daemon.arm("gone", start + 1min);
  daemon.disarm("gone");
  daemon.arm("until never", start + 1min);
  daemon.arm("until never", time::never);
  daemon.fire_all(start + 2min);
  EXPECT_THAT(daemon.fired(), IsEmpty());
  daemon.fire_all(start + 3min);
  EXPECT_THAT(daemon.fired(), ElementsAre("moved"));
}

TEST_P(DeadlinesTest, ArmedInABodyThatFailsIsNotArmed) {
  Daemon daemon(options, clock);
  daemon.fire_all(start);
  EXPECT_THROW(daemon.ledger.write([&](store::Tx& tx) {
    daemon.deadlines.arm(tx, "sla", "x", start + 1min);
    throw Error(ErrorKind::refused, "no");
  }),
               Error);
  EXPECT_EQ(daemon.deadlines.near(), 0U);
  EXPECT_EQ(daemon.fire_all(start + 2min), 0U);
}

TEST_P(DeadlinesTest, FarOnesComeIntoMemoryInTime) {
  Daemon daemon(options, clock);
  daemon.fire_all(start);
  daemon.arm("far", start + 1h);
  EXPECT_EQ(daemon.deadlines.near(), 0U);
  // Only ever called when it asked for it, as the scheduler does.
  int wakes = 0;
  for (Instant now = start; daemon.fired().empty() && wakes < 200; ++wakes) {
    now = std::max(now, *daemon.deadlines.next());
    daemon.fire_all(now);
    ASSERT_LE(now, start + 1h);
    ASSERT_EQ(daemon.fired().size(), now < start + 1h ? 0U : 1U);
  }
  EXPECT_THAT(daemon.fired(), ElementsAre("far"));
}

TEST_P(DeadlinesTest, SurviveARestartAndADowntime) {
  { Daemon(options, clock).arm("x", start + 1h); }
  Daemon daemon(options, clock);
  EXPECT_EQ(daemon.fire_all(start + 100h), 1U);
  EXPECT_THAT(daemon.fired(), ElementsAre("x"));
  EXPECT_THAT(daemon.metrics.text(), HasSubstr("supportd_deadline_lateness_seconds_count{kind=\"sla\"} 1\n"));
}

TEST_P(DeadlinesTest, TheScanCountsWhatHadNoTimer) {
  const auto missed = [](Daemon& daemon) {
    return daemon.metrics.text().find("supportd_deadlines_missed_total{kind=\"sla\"} 1\n") != std::string::npos;
  };
  Daemon daemon(options, clock);
  daemon.fire_all(start);
  daemon.arm("known", start + 40s);
  daemon.ledger.write([&](store::Tx& tx) {
    tx.exec("INSERT INTO deadline (kind, key, fire_at, version, attempts) VALUES ('sla', 'behind its back', :at, 1, 0)",
            start + 30s);
  });
  daemon.fire_all(start + 45s);
  EXPECT_THAT(daemon.fired(), ElementsAre("known"));
  EXPECT_FALSE(missed(daemon));
  daemon.fire_all(start + 20min);
  EXPECT_THAT(daemon.fired(), ElementsAre("known", "behind its back"));
  EXPECT_TRUE(missed(daemon)) << daemon.metrics.text();
}

TEST_P(DeadlinesTest, OneThatThrowsComesBackAloneAndUndone) {
  Daemon daemon(options, clock);
  int tries = 0;
  daemon.deadlines.on("bad", [&](store::Tx& tx, const std::string&, Instant, Instant) {
    tx.exec("INSERT INTO fired (key, daemon) VALUES ('half done', 'x')");
    if (++tries < 3) throw std::runtime_error("not today");
  });
  daemon.arm("a", start);
  daemon.arm("b", start, "bad");
  daemon.arm("c", start);
  daemon.fire_all(start);
  EXPECT_THAT(daemon.fired(), testing::UnorderedElementsAre("a", "c"));
  EXPECT_EQ(daemon.rows(), 1);
  EXPECT_THAT(daemon.metrics.text(), HasSubstr("supportd_deadlines_fired_total{kind=\"bad\",result=\"failed\"} 1\n"));
  Instant now = start;
  for (int i = 0; i < 10 && daemon.rows() == 1; ++i) {
    now = *daemon.deadlines.next();
    daemon.fire_all(now);
  }
  EXPECT_EQ(tries, 3);
  EXPECT_THAT(daemon.fired(), testing::UnorderedElementsAre("a", "c", "half done"));
  EXPECT_LE(now, start + 20min);
}

TEST_P(DeadlinesTest, StopIsNoFailureOfTheDeadline) {
  Daemon daemon(options, clock);
  daemon.deadlines.on("stop", [&](store::Tx&, const std::string&, Instant, Instant) {
    throw Error(ErrorKind::stopped, "the daemon ends");
  });
  daemon.arm("a", start, "stop");
  EXPECT_THROW(daemon.fire_all(start), Error);
  EXPECT_EQ(daemon.rows(), 1);
}

TEST_P(DeadlinesTest, AHandlerMayArmAnewAndDisarmAnother) {
  Daemon daemon(options, clock);
  daemon.deadlines.on("again", [&](store::Tx& tx, const std::string& key, Instant at, Instant) {
    daemon.deadlines.disarm(tx, "sla", "victim");
    if (at < start + 2min) daemon.deadlines.arm(tx, "again", key, at + 1min);
  });
  daemon.arm("x", start, "again");
  daemon.arm("victim", start);
  for (Instant now = start; now <= start + 5min; now += 1min) daemon.fire_all(now);
  EXPECT_THAT(daemon.fired(), IsEmpty());
  EXPECT_EQ(daemon.rows(), 0);
}

TEST_P(DeadlinesTest, ThoseOfUnknownKindsWait) {
  Daemon daemon(options, clock);
  daemon.arm("x", start, "from the future");
  EXPECT_EQ(daemon.fire_all(start + 1h), 0U);
  EXPECT_EQ(daemon.rows(), 1);
}

TEST_P(DeadlinesTest, AnEarlierOneWakesTheScheduler) {
  Daemon daemon(options, clock);
  int woken = 0;
  daemon.deadlines.when_earlier([&] { ++woken; });
  daemon.fire_all(start);
  daemon.arm("a", start + 5min);
  daemon.arm("b", start + 6min);
  daemon.arm("c", start + 4min);
  EXPECT_EQ(woken, 2);
}

TEST_P(DeadlinesTest, AStormFiresEachOnce) {
  constexpr int storm = 10'000;
  Daemon daemon(options, clock);
  daemon.ledger.write([&](store::Tx& tx) {
    for (int i = 0; i < storm; ++i) daemon.deadlines.arm(tx, "sla", std::to_string(i), start + Millis{i / 10});
  });
  EXPECT_EQ(daemon.fire_all(start + 1s), static_cast<std::size_t>(storm));
  const auto once =
      daemon.ledger.read([](store::Tx& tx) { return tx.one<long long>("SELECT count(DISTINCT key) FROM fired"); });
  EXPECT_EQ(once, storm);
  EXPECT_EQ(daemon.fired().size(), static_cast<std::size_t>(storm));
}

INSTANTIATE_TEST_SUITE_P(, DeadlinesTest, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& param) { return fakes::name_of(param.param); });

class SharedDeadlinesTest : public DeadlinesTest {};

TEST_P(SharedDeadlinesTest, SeveralDaemonsFireEachOnce) {
  constexpr int storm = 2'000;
  Daemon a(options, clock, "a"), b(options, clock, "b");
  a.ledger.write([&](store::Tx& tx) {
    for (int i = 0; i < storm; ++i) a.deadlines.arm(tx, "sla", std::to_string(i), start);
  });
  {
    const auto one = clock.spawn("a", [&] { a.fire_all(start); });
    const auto other = clock.spawn("b", [&] { b.fire_all(start); });
  }
  EXPECT_EQ(a.fired().size(), static_cast<std::size_t>(storm));
  EXPECT_EQ(a.rows(), 0);
}

TEST_P(SharedDeadlinesTest, WhatAnotherDaemonArmedIsKnownWithinAMinute) {
  Daemon a(options, clock, "a"), b(options, clock, "b");
  b.fire_all(start);
  a.arm("x", start + 2min);
  EXPECT_EQ(b.deadlines.next(), start + 1min);
  b.fire_all(start + 1min);
  EXPECT_EQ(b.deadlines.next(), start + 2min);
}

INSTANTIATE_TEST_SUITE_P(, SharedDeadlinesTest, testing::Values(store::Engine::postgresql),
                         [](const auto& param) { return fakes::name_of(param.param); });

TEST(Each, SetsAsideWhatThrowsAndGoesOn) {
  std::vector<int> done;
  std::vector<std::string> aside;
  each(
      std::vector{1, 2, 3},
      [&](int item) {
        if (item == 2) throw Error(ErrorKind::corrupt, "two is odd");
        done.push_back(item);
      },
      [&](int item, const std::exception& error) { aside.push_back(std::to_string(item) + error.what()); });
  EXPECT_THAT(done, ElementsAre(1, 3));
  EXPECT_THAT(aside, ElementsAre("2two is odd"));
}

TEST(Each, EndsWhenStopped) {
  int calls = 0;
  const auto fail = [&](int) {
    ++calls;
    throw Error(ErrorKind::stopped, "stop");
  };
  EXPECT_THROW(each(std::vector{1, 2}, fail, [](int, const std::exception&) {}), Error);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace supportd::run
