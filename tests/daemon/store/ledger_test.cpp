// One conformance suite for both engines.
#include "daemon/store/ledger.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "daemon/store/content.hpp"
#include "daemon/store/cursor.hpp"
#include "daemon/store/facts.hpp"
#include "tests/fakes/scratch.hpp"

namespace supportd::store {
namespace {

const std::vector<Migration> schema{
    {.slice = "shop", .number = 1, .sql = "CREATE TABLE item (id {id}, name TEXT NOT NULL UNIQUE, price BIGINT)"},
    {.slice = "shop",
     .number = 2,
     .sql = "ALTER TABLE item ADD COLUMN note TEXT;\nCREATE INDEX item_price ON item (price)"},
};

class LedgerTest : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override {
    if (!fakes::have(GetParam())) GTEST_SKIP() << "no " << fakes::name_of(GetParam()) << " to test against";
  }
  Ledger open(const std::vector<Migration>& steps = schema) { return Ledger(scratch.ledger(GetParam()), clock, steps); }
  ErrorKind kind_of(const std::function<void()>& body) {
    try {
      body();
    } catch (const Error& error) {
      message = error.what();
      return error.kind();
    }
    ADD_FAILURE() << "nothing was thrown";
    return ErrorKind::stopped;
  }

  fakes::Scratch scratch;
  time::MachineClock clock;
  std::string message;
};

TEST_P(LedgerTest, KnowsItsSizeItsSchemaAndItsLastBackup) {
  auto steps = records_schema();
  steps.insert(steps.end(), schema.begin(), schema.end());
  Ledger ledger = open(steps);
  const Facts before = facts(ledger);
  EXPECT_GT(before.size_bytes, 0);
  EXPECT_EQ(before.schema.at("shop"), 2);
  EXPECT_EQ(before.last_backup, Instant{});
  const Instant now = clock.now();
  ledger.write([&](Tx& tx) { move_cursor(tx, backup_cursor, "/backup.db", now); });
  EXPECT_EQ(facts(ledger).last_backup, now);
}

TEST_P(LedgerTest, KeepsWhatWasWritten) {
  {
    Ledger ledger = open();
    const auto id = ledger.write([](Tx& tx) {
      return *tx.one<long long>("INSERT INTO item (name, price) VALUES (:n, :p) RETURNING id", "사과", 5'000'000'000LL);
    });
    EXPECT_EQ(id, 1);
  }
  Ledger ledger = open();
  const auto row = ledger.read([](Tx& tx) {
    return tx.one<std::string, long long, std::optional<std::string>>(
        "SELECT name, price, note FROM item WHERE id = :i", 1);
  });
  ASSERT_TRUE(row);
  EXPECT_EQ(std::get<0>(*row), "사과");
  EXPECT_EQ(std::get<1>(*row), 5'000'000'000LL);
  EXPECT_FALSE(std::get<2>(*row));
}

TEST_P(LedgerTest, BindsNullAndCountsChangedRows) {
  Ledger ledger = open();
  ledger.write([](Tx& tx) {
    EXPECT_EQ(tx.exec("INSERT INTO item (name, price) VALUES (:n, :p)", "a", std::optional<long long>{}), 1);
    EXPECT_EQ(tx.exec("INSERT INTO item (name, price) VALUES (:n, :p)", "b", std::optional<long long>{7}), 1);
    EXPECT_EQ(tx.exec("INSERT INTO item (name) VALUES (:n) ON CONFLICT DO NOTHING", "a"), 0);
    EXPECT_EQ(tx.exec("UPDATE item SET note = :x", "seen"), 2);
    EXPECT_EQ(tx.exec("DELETE FROM item WHERE price = :p", 8), 0);
  });
  EXPECT_EQ(ledger.read([](Tx& tx) { return tx.one<long long>("SELECT price FROM item WHERE name = :n", "b"); }), 7);
  EXPECT_EQ(
      kind_of([&] { ledger.read([](Tx& tx) { tx.one<long long>("SELECT price FROM item WHERE name = :n", "a"); }); }),
      ErrorKind::corrupt);
}

TEST_P(LedgerTest, AnInsertTellsTheNewRow) {
  Ledger ledger = open();
  ledger.write([](Tx& tx) {
    constexpr const char* sql = "INSERT INTO item (name) VALUES (:n) ON CONFLICT (name) DO NOTHING";
    const auto first = tx.insert<Id<struct ItemTag>>(sql, "a");
    ASSERT_TRUE(first);
    EXPECT_EQ(tx.one<std::string>("SELECT name FROM item WHERE id = :id", *first), "a");
    EXPECT_FALSE(tx.insert<Id<struct ItemTag>>(sql, "a"));
    EXPECT_GT(tx.insert<long long>(sql, "b").value(), first->value);
  });
}

TEST_P(LedgerTest, AMemoLastsAsLongAsWhatItRemembers) {
  Ledger ledger = open();
  ledger.write([](Tx& tx) {
    EXPECT_FALSE(tx.memo<int>());
    tx.memo<int>() = 1;
    tx.attempt([&] { tx.memo<int>() = 2; });
    EXPECT_EQ(tx.memo<int>(), 2);
    EXPECT_THROW(tx.attempt([&] {
      tx.memo<int>() = 3;
      throw Error(ErrorKind::refused, "undone");
    }),
                 Error);
    EXPECT_FALSE(tx.memo<int>());
    tx.memo<int>() = 4;
  });
  ledger.write([](Tx& tx) { EXPECT_FALSE(tx.memo<int>()); });
}

TEST_P(LedgerTest, WhatIsOwedIsWrittenOnceWhereItEnds) {
  Ledger ledger = open();
  std::vector<std::string> written;
  ledger.write([&](Tx& tx) {
    const auto owe = [&](const char* what) { tx.owe([&, what] { written.emplace_back(what); }); };
    written.clear();
    owe("before the attempt");
    tx.attempt([&] {
      EXPECT_EQ(written.size(), 1u);
      owe("in it");
    });
    EXPECT_EQ(written.size(), 2u);
    EXPECT_THROW(tx.attempt([&] {
      owe("undone");
      throw Error(ErrorKind::refused, "undone");
    }),
                 Error);
    owe("another's turn");
    owe("the end");
    EXPECT_TRUE(tx.owes());
  });
  EXPECT_EQ(written, (std::vector<std::string>{"before the attempt", "in it", "another's turn", "the end"}));
}

TEST_P(LedgerTest, AFailedBodyLeavesNothing) {
  Ledger ledger = open();
  EXPECT_THROW(ledger.write([](Tx& tx) {
    tx.exec("INSERT INTO item (name) VALUES (:n)", "a");
    throw Error(ErrorKind::refused, "no");
  }),
               Error);
  EXPECT_EQ(ledger.read([](Tx& tx) { return tx.one<long long>("SELECT count(*) FROM item"); }), 0);
}

TEST_P(LedgerTest, AConstraintIsAConflict) {
  Ledger ledger = open();
  ledger.write([](Tx& tx) { tx.exec("INSERT INTO item (name) VALUES (:n)", "a"); });
  EXPECT_EQ(kind_of([&] { ledger.write([](Tx& tx) { tx.exec("INSERT INTO item (name) VALUES (:n)", "a"); }); }),
            ErrorKind::conflict);
}

TEST_P(LedgerTest, AnAttemptUndoesOnlyItself) {
  Ledger ledger = open();
  int ran = 0;
  ledger.write([&](Tx& tx) {
    tx.exec("INSERT INTO item (name) VALUES (:n)", "kept");
    EXPECT_THROW(tx.attempt([&] {
      tx.after_commit([&] { ran += 100; });
      tx.exec("INSERT INTO item (name) VALUES (:n)", "kept");
    }),
                 Error);
    tx.after_commit([&] { ran += 1; });
  });
  EXPECT_EQ(ran, 1);
  EXPECT_EQ(ledger.read([](Tx& tx) { return tx.all<std::string>("SELECT name FROM item"); }),
            std::vector<std::string>{"kept"});
}

TEST_P(LedgerTest, AReaderCannotWrite) {
  Ledger ledger = open();
  EXPECT_THROW(ledger.read([](Tx& tx) { tx.exec("INSERT INTO item (name) VALUES (:n)", "a"); }), Error);
  EXPECT_EQ(ledger.read([](Tx& tx) { return tx.one<long long>("SELECT count(*) FROM item"); }), 0);
}

TEST_P(LedgerTest, ManyWritersCountExactly) {
  Ledger ledger = open();
  ledger.write([](Tx& tx) { tx.exec("INSERT INTO item (name, price) VALUES (:n, :p)", "counter", 0); });
  std::vector<std::thread> writers;
  for (int w = 0; w < 8; ++w) {
    writers.emplace_back([&] {
      for (int i = 0; i < 25; ++i) {
        ledger.write([](Tx& tx) {
          const auto price = tx.one<long long>("SELECT price FROM item WHERE name = :n", "counter");
          tx.exec("UPDATE item SET price = :p WHERE name = :n", *price + 1, "counter");
        });
      }
    });
  }
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(ledger.read([](Tx& tx) { return tx.one<long long>("SELECT price FROM item WHERE name = :n", "counter"); }),
            200);
}

TEST_P(LedgerTest, MigratesForwardInSteps) {
  { Ledger ledger = open({schema[0]}); }
  Ledger ledger = open();
  ledger.write([](Tx& tx) { tx.exec("INSERT INTO item (name, note) VALUES (:n, :x)", "a", "new column"); });
}

TEST_P(LedgerTest, RefusesALedgerOfANewerProgram) {
  auto newer = schema;
  newer.push_back({.slice = "shop",
                   .number = 3,
                   .sql = "CREATE TABLE future (x BIGINT)",
                   .oldest_generation = program_generation + 1});
  // A newer program wrote it: its own check would allow that, so the step is recorded by hand.
  { Ledger ledger = open(); }
  {
    Ledger ledger = open();
    ledger.write([](Tx& tx) {
      tx.exec(
          "INSERT INTO schema_step (slice, number, oldest_generation, applied_at, program) VALUES (:s, :n, :o, :a, :p)",
          "shop", 3, program_generation + 1, 0, "99.0");
    });
  }
  EXPECT_EQ(kind_of([&] { open(); }), ErrorKind::config);
  EXPECT_NE(message.find("newer supportd"), std::string::npos) << message;
}

TEST_P(LedgerTest, LivesWithAStepItDoesNotKnowWhenAllowed) {
  auto newer = schema;
  newer.push_back({.slice = "shop", .number = 3, .sql = "ALTER TABLE item ADD COLUMN colour TEXT"});
  { Ledger ledger = open(newer); }
  Ledger ledger = open();
  ledger.write([](Tx& tx) { tx.exec("INSERT INTO item (name) VALUES (:n)", "a"); });
}

TEST_P(LedgerTest, RemembersSinceWhenItIsCertain) {
  const Instant before = clock.now();
  Instant since;
  {
    Ledger ledger = open();
    since = ledger.certain_since();
  }
  EXPECT_GE(since, before);
  Ledger again = open();
  EXPECT_EQ(again.certain_since(), since);
  EXPECT_FALSE(again.restored());
}

// As pg_restore does, it has the rows in tables that were made anew.
TEST_P(LedgerTest, ADatabaseThatIsFoundElsewhereIsARestoredCopy) {
  if (GetParam() != Engine::postgresql) GTEST_SKIP() << "a SQLite file is restored by a command that notes it";
  Instant since;
  {
    Ledger ledger = open();
    since = ledger.certain_since();
  }
  Session(Engine::postgresql, scratch.ledger(GetParam()).where, false)
      .script(
          "CREATE TABLE copy (name TEXT PRIMARY KEY, value TEXT NOT NULL); INSERT INTO copy SELECT * FROM meta; "
          "DROP TABLE meta; ALTER TABLE copy RENAME TO meta");
  const Instant before = clock.now();
  {
    Ledger ledger = open();
    EXPECT_TRUE(ledger.restored());
    EXPECT_GE(ledger.certain_since(), before);
    EXPECT_LE(ledger.began(), since) << "it has begun when it did";
  }
  EXPECT_FALSE(open().restored()) << "from now on it lives there";
}

INSTANTIATE_TEST_SUITE_P(, LedgerTest, testing::Values(Engine::sqlite, Engine::postgresql),
                         [](const auto& param) { return fakes::name_of(param.param); });

class SqliteLedger : public testing::Test {
 protected:
  Ledger open() { return Ledger(scratch.ledger(Engine::sqlite), clock, schema); }
  fakes::Scratch scratch;
  time::MachineClock clock;
};

TEST_F(SqliteLedger, ServesOneDaemon) {
  Ledger first = open();
  try {
    open();
    FAIL() << "a second daemon was let in";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    EXPECT_NE(std::string(error.what()).find(std::to_string(::getpid())), std::string::npos) << error.what();
  }
}

TEST_F(SqliteLedger, GroupsWaitingBodiesIntoFewerCommits) {
  Ledger ledger = open();
  std::vector<std::thread> writers;
  std::mutex gate;
  gate.lock();
  // The first body holds the writer until everyone else is waiting.
  std::atomic<bool> held = false;
  writers.emplace_back([&] {
    ledger.write([&](Tx&) {
      held = true;
      const std::lock_guard wait(gate);
    });
  });
  while (!held) std::this_thread::yield();
  for (int w = 0; w < 10; ++w) {
    writers.emplace_back(
        [&, w] { ledger.write([&](Tx& tx) { tx.exec("INSERT INTO item (name) VALUES (:n)", std::to_string(w)); }); });
  }
  while (ledger.figures().waiting < 11) std::this_thread::yield();
  const auto before = ledger.figures().commits;
  gate.unlock();
  for (auto& writer : writers) writer.join();
  EXPECT_LE(ledger.figures().commits - before, 2);
  EXPECT_EQ(ledger.read([](Tx& tx) { return tx.one<long long>("SELECT count(*) FROM item"); }), 10);
}

TEST_F(SqliteLedger, OneBadBodyDoesNotSpoilItsGroup) {
  Ledger ledger = open();
  std::vector<std::thread> writers;
  std::mutex gate;
  gate.lock();
  std::atomic<bool> held = false;
  writers.emplace_back([&] {
    ledger.write([&](Tx&) {
      held = true;
      const std::lock_guard wait(gate);
    });
  });
  while (!held) std::this_thread::yield();
  std::atomic<int> refused = 0;
  for (int w = 0; w < 6; ++w) {
    writers.emplace_back([&, w] {
      try {
        ledger.write([&](Tx& tx) { tx.exec("INSERT INTO item (name) VALUES (:n)", std::to_string(w % 3)); });
      } catch (const Error&) {
        ++refused;
      }
    });
  }
  while (ledger.figures().waiting < 7) std::this_thread::yield();
  gate.unlock();
  for (auto& writer : writers) writer.join();
  EXPECT_EQ(refused, 3);
  EXPECT_EQ(ledger.read([](Tx& tx) { return tx.one<long long>("SELECT count(*) FROM item"); }), 3);
}

}  // namespace
}  // namespace supportd::store
