#include "tests/sim/baton.hpp"

#include <gtest/gtest.h>

#include <atomic>

#include "daemon/store/ledger.hpp"
#include "tests/fakes/scratch.hpp"

namespace supportd::sim {
namespace {

using namespace std::chrono_literals;

const Instant start = *time::parse_instant("2026-03-01T00:00:00Z");

// Three workers take turns at a queue that the first task fills.
struct Queue {
  std::mutex mutex;
  time::Bell bell;
  int left = 0;
  bool closed = false;
};

void work(Baton& baton, Queue& queue, std::atomic<int>& done, std::atomic<int>& at_once) {
  for (;;) {
    std::unique_lock lock(queue.mutex);
    while (queue.left == 0 && !queue.closed) baton.wait(lock, queue.bell, baton.now() + 10min);
    if (queue.left == 0) return;
    --queue.left;
    lock.unlock();
    EXPECT_EQ(at_once++, 0);
    --at_once;
    baton.seam(time::Seam::call);
    EXPECT_EQ(at_once++, 0);
    --at_once;
    ++done;
  }
}

// The trace's hash of an hour of queueing.
std::uint64_t hour_of(std::uint64_t seed) {
  Baton baton(seed, start, 500'000);
  Queue queue;
  std::atomic<int> done = 0, at_once = 0;
  std::vector<std::unique_ptr<time::Thread>> workers;
  for (int i = 0; i < 3; ++i) {
    workers.push_back(baton.spawn("worker-" + std::to_string(i), [&] { work(baton, queue, done, at_once); }));
  }
  for (int minute = 1; minute <= 60; ++minute) {
    baton.sleep_until(start + std::chrono::minutes(minute));
    const std::lock_guard lock(queue.mutex);
    queue.left += 3;
    baton.ring(queue.bell);
  }
  {
    const std::lock_guard lock(queue.mutex);
    queue.closed = true;
    baton.ring(queue.bell);
  }
  workers.clear();
  EXPECT_EQ(done, 180);
  EXPECT_EQ(baton.true_now(), start + 1h);
  return baton.trace_hash();
}

TEST(Baton, a_seed_decides_everything) {
  EXPECT_EQ(hour_of(7), hour_of(7));
  EXPECT_EQ(hour_of(8), hour_of(8));
  EXPECT_NE(hour_of(7), hour_of(8));
}

TEST(Baton, time_jumps_to_the_earliest_awaited_instant) {
  Baton baton(1, start);
  std::vector<Instant> woken;
  std::mutex mutex;
  time::Bell bell;
  const auto sleeper = [&](Millis length) {
    return [&baton, &woken, &mutex, &bell, until = start + length] {
      std::unique_lock lock(mutex);
      while (baton.now() < until) baton.wait(lock, bell, until);
      woken.push_back(baton.now());
    };
  };
  {
    const auto far = baton.spawn("far", sleeper(24h)), near = baton.spawn("near", sleeper(90s));
    baton.sleep_until(start + 1h);
    EXPECT_EQ(woken, std::vector{start + 90s});
  }
  EXPECT_EQ(woken, (std::vector<Instant>{start + 90s, start + 24h}));
  EXPECT_EQ(baton.steady(), 25h);
}

TEST(Baton, a_step_of_the_wall_clock_wakes_whoever_waits_for_a_time) {
  Baton baton(1, start);
  std::mutex mutex;
  time::Bell bell;
  Instant woken{};
  const auto sleeper = baton.spawn("sleeper", [&] {
    std::unique_lock lock(mutex);
    while (baton.now() < start + 10h) baton.wait(lock, bell, start + 10h);
    woken = baton.true_now();
  });
  baton.sleep_until(start + 1h);
  baton.step_wall(8h);
  EXPECT_EQ(baton.now(), start + 9h);
  baton.sleep_until(start + 3h);
  EXPECT_EQ(woken, start + 2h);
  EXPECT_EQ(baton.steady(), 4h);
}

TEST(Baton, a_crash_ends_every_task_at_its_next_seam) {
  Baton baton(3, start);
  std::mutex mutex;
  time::Bell bell;
  int before = 0, beyond = 0;
  {
    std::vector<std::unique_ptr<time::Thread>> tasks;
    for (int i = 0; i < 4; ++i) {
      tasks.push_back(baton.spawn("task", [&] {
        std::unique_lock lock(mutex);
        ++before;
        baton.wait(lock, bell);
        ++beyond;
      }));
    }
    baton.sleep_until(start + 1s);
    baton.crash();
    EXPECT_THROW(baton.seam(time::Seam::call), Crashed);
    EXPECT_THROW(baton.sleep_until(start + 1h), Crashed);
    baton.ring(bell);
  }
  EXPECT_EQ(before, 4);
  EXPECT_EQ(beyond, 0);
  baton.revive();
  baton.sleep_until(start + 2h);
  EXPECT_EQ(baton.now(), start + 2h);
}

TEST(Baton, a_planned_crash_strikes_at_the_nth_point_of_its_kind) {
  Baton baton(3, start);
  int calls = 0;
  baton.plan_crash(Point::call, 3);
  try {
    for (;; ++calls) {
      baton.seam(time::Seam::before_commit);
      baton.seam(time::Seam::call);
    }
  } catch (const Crashed&) {
  }
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(baton.crashes()[static_cast<std::size_t>(Point::call)], 1u);
}

TEST(Baton, tasks_that_wait_for_one_another_are_reported) {
  Baton baton(1, start);
  std::mutex mutex;
  time::Bell never_rung;
  const auto task = baton.spawn("hopeless", [&] {
    std::unique_lock lock(mutex);
    baton.wait(lock, never_rung);
  });
  std::unique_lock lock(mutex);
  EXPECT_THROW(baton.wait(lock, never_rung), Crashed);
  EXPECT_NE(baton.stuck().find("hopeless: waits for ever"), std::string::npos) << baton.stuck();
  EXPECT_NE(baton.stuck().find("world: waits for ever"), std::string::npos) << baton.stuck();
}

TEST(Baton, a_ledger_keeps_what_was_committed_before_the_crash_and_nothing_else) {
  const fakes::Scratch scratch;
  const auto options = scratch.ledger(store::Engine::sqlite);
  const std::vector<store::Migration> schema{{.slice = "t", .number = 1, .sql = "CREATE TABLE t (n INTEGER);\n"}};
  const auto rows_after_crash_at = [&](Point point) {
    Baton baton(1, start);
    {
      store::Ledger ledger(options, baton, schema);
      ledger.write([](store::Tx& tx) { tx.exec("DELETE FROM t"); });
      const auto writer = baton.spawn("writer", [&] {
        baton.plan_crash(point, 1);
        ledger.write([](store::Tx& tx) { tx.exec("INSERT INTO t VALUES (1)"); });
      });
      EXPECT_THROW(baton.sleep_until(start + 1h), Crashed);
    }
    baton.revive();
    store::Ledger ledger(options, baton, schema);
    return ledger.read([](store::Tx& tx) { return *tx.one<int>("SELECT count(*) FROM t"); });
  };
  EXPECT_EQ(rows_after_crash_at(Point::before_commit), 0);
  EXPECT_EQ(rows_after_crash_at(Point::after_commit), 1);
}

}  // namespace
}  // namespace supportd::sim
