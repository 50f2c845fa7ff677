#include "daemon/app.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/scratch.hpp"

namespace supportd {
namespace {

using namespace std::chrono_literals;

const Instant start = time::parse_instant("2026-03-01T00:00:00Z").value();

// A client that must not be called.
class Nobody final : public http::Client {
 public:
  http::Response send(const http::Request& request, std::stop_token) override {
    ADD_FAILURE() << "called " << request.url;
    throw Error(ErrorKind::unreachable, "nobody");
  }
};

class AppTest : public testing::Test {
 protected:
  ReadConfig reading() {
    return [this] {
      const std::string head = "[daemon]\nname = \"test\"\nstate_directory = \"" + scratch_.path().string() + "\"\n";
      return config::read_texts({{"test.toml", head + text_}});
    };
  }
  Seams seams(const std::string& instance) {
    Seams out{.clock = clock_};
    out.http = &nobody_;
    out.instance = instance;
    out.log = [this](const observe::Record& record) {
      const std::lock_guard lock(mutex_);
      logged_.push_back(record.message);
    };
    out.serve = false;
    out.durable = false;
    return out;
  }
  std::vector<run::RunRow> runs(App& app) {
    return app.ledger().read([](store::Tx& tx) { return run::runs::latest(tx, "housekeeping", 100); });
  }

  long times_logged(const std::string& part) {
    const std::lock_guard lock(mutex_);
    return std::ranges::count_if(logged_, [&](const std::string& line) { return line.find(part) != line.npos; });
  }

  std::string text_;
  std::mutex mutex_;
  std::vector<std::string> logged_;  // guarded
  fakes::Scratch scratch_;
  fakes::ManualClock clock_{start};
  Nobody nobody_;
};

TEST_F(AppTest, LivesSeveralTimesInOneProcess) {
  {
    App app(reading(), seams("first"));
    app.start();
    clock_.advance(2min + 1s);
    EXPECT_EQ(runs(app).size(), 2u);
    app.stop(clock_.now());
  }
  App again(reading(), seams("second"));
  again.start();
  clock_.advance(1min);
  EXPECT_EQ(runs(again).size(), 3u);
  EXPECT_EQ(runs(again).front().owner, "test/second");
}

TEST_F(AppTest, ReadyIsSaidWhenEverythingListensAndNothingWasCalled) {
  App app(reading(), seams("one"));
  bool ready = false;
  app.start([&] {
    ready = true;
    EXPECT_TRUE(runs(app).empty());
  });
  EXPECT_TRUE(ready);
}

TEST_F(AppTest, AFlawedConfigurationNamesAllFlaws) {
  text_ = "workers = 0\n[log]\nlevel = \"loud\"\n";
  try {
    App app(reading(), seams("one"));
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    EXPECT_THAT(error.what(), testing::HasSubstr("test.toml:4:11: daemon.workers"));
    EXPECT_THAT(error.what(), testing::HasSubstr("test.toml:6:9: log.level"));
  }
}

TEST_F(AppTest, AReloadIsPlannedThenSwapped) {
  App app(reading(), seams("one"));
  app.start();
  text_ = "[jobs.housekeeping]\nschedule = \"@daily\"\n";
  const Reload plan = app.reload("test", true);
  EXPECT_EQ(plan.refusal, "");
  ASSERT_EQ(plan.plan.jobs.size(), 1u);
  EXPECT_EQ(plan.plan.jobs[0].next_after, start + 24h);
  EXPECT_EQ(app.scheduler().jobs()[0].schedule, "every 1m");
  EXPECT_EQ(app.reload("test", false).refusal, "");
  EXPECT_EQ(app.scheduler().jobs()[0].schedule, "@daily");
}

TEST_F(AppTest, ARefusedReloadChangesNothing) {
  text_ = "[[run_once]]\nid = \"a\"\njob = \"housekeeping\"\n";
  App app(reading(), seams("one"));
  app.start();
  clock_.settle();
  text_ =
      "[jobs.other]\nkind = \"housekeeping\"\n[log]\nlevel = \"debug\"\n[[run_once]]\nid = \"a\"\njob = \"other\"\n";
  EXPECT_THAT(app.reload("test", false).refusal, testing::HasSubstr("a"));
  EXPECT_EQ(app.log().level(), observe::Level::info);
  for (const auto& job : app.scheduler().jobs()) EXPECT_NE(job.name, "other");
}

TEST_F(AppTest, HousekeepingSealsTheAudit) {
  App app(reading(), seams("one"));
  app.start();
  app.reload("test", false);
  clock_.advance(1min + 1s);
  const auto verdict = app.ledger().read([](store::Tx& tx) { return store::audit_verify(tx); });
  EXPECT_EQ(verdict.sealed_rows, 1);
  EXPECT_TRUE(verdict.broken.empty());
}

TEST_F(AppTest, ThatHolidaysEndIsSaidFromItsDayOnAndOnceADay) {
  const auto hours = [](const std::string& name) {
    return "[calendar.hours." + name + "]\nweek = { mon = \"09:00-17:00\" }\nvalid_to = \"2026-03-31\"\n";
  };
  text_ = "[jobs.housekeeping]\nschedule = \"\"\n[calendar]\nwarn_before = \"29d\"\n" + hours("desk");
  App app(reading(), seams("first"));
  app.start();
  const auto said = [&] { return times_logged("the holidays of a calendar are known"); };
  EXPECT_EQ(said(), 0) << "a month and a day are left";
  EXPECT_NE(app.metrics().text().find("supportd_calendar_warn_from_timestamp_seconds{calendar=\"desk\"} 1772496000"),
            std::string::npos);
  clock_.advance(48h - 1s);
  EXPECT_EQ(said(), 0);
  clock_.advance(1s);
  EXPECT_EQ(said(), 1);
  clock_.advance(72h);
  EXPECT_EQ(said(), 4) << "and every day";
  text_ = "";
  app.reload("ann", false);
  clock_.advance(72h);
  EXPECT_EQ(said(), 4) << "nobody uses it any more";
  EXPECT_EQ(app.metrics().text().find("supportd_calendar_warn_from"), std::string::npos);
}

}  // namespace
}  // namespace supportd
