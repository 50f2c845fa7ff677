#include "daemon/store/ledger_file.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <fstream>

#include "tests/fakes/scratch.hpp"

namespace supportd::store {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<Migration> schema{
    {.slice = "shop", .number = 1, .sql = "CREATE TABLE item (id {id}, name TEXT NOT NULL UNIQUE)"}};

class LedgerFile : public testing::Test {
 protected:
  Ledger open() { return Ledger(scratch.ledger(Engine::sqlite), clock, schema); }
  static void add(Ledger& ledger, const std::string& name) {
    ledger.write([&](Tx& tx) { tx.exec("INSERT INTO item (name) VALUES (:n)", name); });
  }
  static std::vector<std::string> names(Ledger& ledger) {
    return ledger.read([](Tx& tx) { return tx.all<std::string>("SELECT name FROM item ORDER BY id"); });
  }
  // A sound backup of some pages.
  fs::path backup() {
    Ledger ledger = open();
    for (int i = 0; i < 3'000; ++i) add(ledger, "item " + std::to_string(i));
    ledger.backup(scratch / "copy.db");
    return scratch / "copy.db";
  }
  std::set<std::string> files() {
    std::set<std::string> out;
    for (const auto& entry : fs::directory_iterator(scratch.path())) out.insert(entry.path().filename());
    return out;
  }
  std::string refusal(const std::function<void()>& body) {
    try {
      body();
    } catch (const Error& error) {
      return error.what();
    }
    ADD_FAILURE() << "nothing was thrown";
    return "";
  }

  fakes::Scratch scratch;
  time::MachineClock clock;
  const fs::path ledger_file = scratch / "ledger.db";
};

TEST_F(LedgerFile, BacksUpWhileOpenAndRestores) {
  const auto copy = scratch / "copy.db";
  {
    Ledger ledger = open();
    add(ledger, "old");
    ledger.backup(copy);
    add(ledger, "lost by the restore");
  }
  const Instant now = clock.now();
  const auto kept = restore(copy, ledger_file, now);
  EXPECT_THAT(check_file(kept), IsEmpty()) << "the ledger before is kept";
  Ledger ledger = open();
  EXPECT_EQ(names(ledger), std::vector<std::string>{"old"});
  EXPECT_EQ(ledger.certain_since(), now);
  EXPECT_TRUE(ledger.check().empty());
}

TEST_F(LedgerFile, RefusesToRestoreUnderARunningDaemon) {
  const auto copy = scratch / "copy.db";
  Ledger ledger = open();
  ledger.backup(copy);
  EXPECT_THROW(restore(copy, ledger_file, clock.now()), Error);
}

TEST_F(LedgerFile, RefusesABackupThatIsNotOne) {
  std::ofstream(scratch / "junk") << "not a database, not even nearly, but longer than a header of one hundred bytes ";
  { Ledger ledger = open(); }
  EXPECT_THROW(restore(scratch / "junk", ledger_file, clock.now()), Error);
  EXPECT_TRUE(open().check().empty());
}

TEST_F(LedgerFile, ABackupIsOneFileWithNothingLeftBesideIt) {
  backup();
  EXPECT_THAT(check_file(scratch / "copy.db"), IsEmpty());
  EXPECT_EQ(files(), (std::set<std::string>{"copy.db", "ledger.db", "ledger.db.lock"}));
}

TEST_F(LedgerFile, ABackupNeverTakesTheLedgersPlace) {
  Ledger ledger = open();
  fs::create_hard_link(ledger_file, scratch / "other-name.db");
  for (const fs::path& file : {ledger_file, fs::path(ledger_file.string() + "-wal"), scratch / "other-name.db",
                               fs::path(ledger_file.string() + ".lock"), scratch.path() / "." / "ledger.db"}) {
    EXPECT_THAT(refusal([&] { ledger.backup(file); }), HasSubstr("the living ledger")) << file;
  }
  EXPECT_THAT(refusal([&] { ledger.backup(scratch.path()); }), HasSubstr("is a directory"));
  const fs::path foreign = scratch / "letter.txt", older = scratch / "copy.db";
  std::ofstream(foreign) << "Dear Kim";
  EXPECT_THAT(refusal([&] { ledger.backup(foreign); }), HasSubstr("is no ledger, and would be lost"));
  EXPECT_EQ(fs::file_size(foreign), 8U);
  for (int i = 0; i < 2; ++i) ledger.backup(older);  // an older backup gives way
  EXPECT_EQ(fs::status(older).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_THAT(refusal([&] { ledger.backup(scratch / "none" / "copy.db"); }), HasSubstr("there is no directory"));
  add(ledger, "still here");
  EXPECT_THAT(ledger.check(), IsEmpty());
}

TEST_F(LedgerFile, ADamagedBackupIsNotRestored) {
  const auto copy = backup();
  {
    std::fstream damage(copy, std::ios::in | std::ios::out | std::ios::binary);
    damage.seekp(40'000);
    damage << std::string(20'000, 'x');
  }
  EXPECT_THAT(refusal([&] { restore(copy, ledger_file, clock.now()); }), HasSubstr("is not sound"));
  Ledger ledger = open();
  EXPECT_EQ(names(ledger).size(), 3'000U) << "the good one is where it was";
  EXPECT_EQ(files().count("ledger.db.part"), 0U);
}

TEST_F(LedgerFile, ABackupOfANewerProgramIsNotRestored) {
  const auto copy = backup();
  Session(Engine::sqlite, copy.string(), false).script("UPDATE schema_step SET oldest_generation = 99");
  EXPECT_THAT(refusal([&] { restore(copy, ledger_file, clock.now()); }), HasSubstr("newer supportd"));
  Ledger ledger = open();
  EXPECT_EQ(names(ledger).size(), 3'000U);
}

TEST_F(LedgerFile, WhatIsRestoredIsOwnedAndReadableAsWhatWasThere) {
  const auto copy = backup();
  ASSERT_EQ(::chmod(ledger_file.c_str(), 0640), 0);
  const bool root = ::geteuid() == 0;
  if (root) {
    ASSERT_EQ(::chown(ledger_file.c_str(), 1234, 1234), 0);
  }
  restore(copy, ledger_file, clock.now());
  struct stat is {};
  ASSERT_EQ(::stat(ledger_file.c_str(), &is), 0);
  EXPECT_EQ(is.st_mode & 0777, 0640U);
  if (root) {
    EXPECT_EQ(is.st_uid, 1234U);
  }
}

TEST_F(LedgerFile, AnotherProgramsDatabaseIsNotTakenOver) {
  Session(Engine::sqlite, ledger_file.string(), false).script("CREATE TABLE theirs (x INTEGER)");
  EXPECT_THAT(refusal([&] { open(); }), HasSubstr("another program's"));
  EXPECT_THAT(check_file(ledger_file), testing::ElementsAre("it is no supportd ledger"));
}

TEST_F(LedgerFile, AFileThatIsNoDatabaseIsSaidToBeSoByName) {
  std::ofstream(ledger_file) << std::string(200, 'j');
  EXPECT_THAT(refusal([&] { open(); }), HasSubstr(ledger_file.string()));
  ASSERT_EQ(check_file(ledger_file).size(), 1U);
  EXPECT_THAT(refusal([&] { check_file(scratch / "none.db"); }), HasSubstr("there is no file"));
}

}  // namespace
}  // namespace supportd::store
