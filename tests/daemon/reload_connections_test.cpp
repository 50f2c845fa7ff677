// Desks and their keys under a reload: by name, at once, and what is owed to one that is gone waits for it (rule 26).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "daemon/app.hpp"
#include "jobs/tickets/kernel.hpp"
#include "tests/fakes/freshdesk.hpp"
#include "tests/fakes/manual_clock.hpp"
#include "tests/fakes/net.hpp"
#include "tests/fakes/scratch.hpp"

namespace supportd {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const Instant start = time::parse_instant("2026-03-01T00:00:00Z").value();

class ReloadConnectionsTest : public testing::Test {
 protected:
  void SetUp() override {
    for (fakes::Freshdesk* fake : {&old_, &new_}) {
      fake->add_agent("supportd", "bot@desk.example", "first");
      agent_ = fake->add_agent("supportd", "bot2@desk.example", "second");
    }
    net_.route("old.freshdesk.com", old_);
    net_.route("new.freshdesk.com", new_);
    write_key("first");
  }
  void write_key(const std::string& key) { std::ofstream(key_file()) << key << '\n'; }
  std::string key_file() const { return (scratch_.path() / "key").string(); }
  std::string desk(const std::string& host, const std::string& name = "main") const {
    return "[freshdesk." + name + "]\nbase_url = \"https://" + host + ".freshdesk.com\"\napi_key = { file = \"" +
           key_file() + "\" }\n";
  }

  App& begin(const std::string& text) {
    text_ = text;
    Seams seams{.clock = clock_};
    seams.http = &net_;
    seams.instance = "one";
    seams.log = [](const observe::Record&) {};
    seams.serve = false;
    seams.durable = false;
    app_.emplace(
        [this] {
          const std::string head =
              "[daemon]\nname = \"test\"\nstate_directory = \"" + scratch_.path().string() + "\"\n";
          return config::read_texts(
              {{"test.toml", head + "[desk_sync]\nbaseline = \"2020-01-01T00:00:00Z\"\n" + text_}});
        },
        std::move(seams));
    app_->start();
    return *app_;
  }
  std::string reload(const std::string& text) {
    text_ = text;
    return app_->reload("test", false).refusal;
  }
  std::vector<std::string> job_names() {
    std::vector<std::string> out;
    for (const auto& job : app_->scheduler().jobs()) out.push_back(job.name);
    return out;
  }
  std::int64_t opens(fakes::Freshdesk& fake) {
    return fake.customer_opens({"kim@acme.example", "VPC", "help", {}, {}, 1, {}}, clock_.now());
  }
  std::vector<std::string> subjects() {
    return app_->ledger().read(
        [](store::Tx& tx) { return tx.all<std::string>("SELECT subject FROM ticket ORDER BY id"); });
  }
  // The ledger's decision reaches the desk by way of the outbox.
  void tag(const std::string& value) {
    tickets::Kernel kernel;
    app_->ledger().write([&](store::Tx& tx) {
      app_->outbox().owe(tx, {.key = "set:freshdesk:main:ticket:1:fields",
                              .channel = "freshdesk:main",
                              .lane = "freshdesk:main:ticket:1",
                              .kind = outbox::Kind::state,
                              .subject = "ticket:1",
                              .payload = R"({"what":"fields","ticket":1})",
                              .caused_at = clock_.now()});
      tickets::Change change;
      change.kind = tickets::EventKind::tags;
      change.added = {value};
      kernel.append(tx, {tickets::TicketId{1}, change, clock_.now(), "test", "", value}, clock_.now());
    });
  }
  outbox::Effect only_effect() {
    const auto all = app_->ledger().read([&](store::Tx& tx) { return app_->outbox().list(tx, {}); });
    EXPECT_EQ(all.size(), 1u);
    return all.at(0);
  }

  fakes::Scratch scratch_;
  fakes::ManualClock clock_{start};
  fakes::Freshdesk old_, new_;
  fakes::FaultPlan faults_;
  fakes::Net net_{clock_, faults_};
  std::int64_t agent_ = 0;
  std::string text_;
  std::optional<App> app_;
};

TEST_F(ReloadConnectionsTest, TheFirstDeskIsReadAfterAReload) {
  begin("");
  EXPECT_THAT(job_names(), testing::ElementsAre("housekeeping", "sla_reevaluate"));
  opens(old_);
  EXPECT_EQ(reload(desk("old")), "");
  EXPECT_THAT(job_names(), testing::ElementsAre("desk_backfill", "desk_look", "desk_sync", "desk_verify",
                                                "housekeeping", "probe_freshdesk", "sla_reevaluate"));
  clock_.advance(2min);
  EXPECT_EQ(subjects().size(), 1u);
  EXPECT_EQ(reload(""), "");
  EXPECT_THAT(job_names(), testing::ElementsAre("housekeeping", "sla_reevaluate"));
}

TEST_F(ReloadConnectionsTest, AMovedDeskIsCalledAtItsNewPlace) {
  begin(desk("old"));
  clock_.advance(2min);
  const int calls = old_.calls("list");
  EXPECT_GT(calls, 0);
  EXPECT_EQ(reload(desk("new")), "");
  clock_.advance(2min);
  EXPECT_EQ(old_.calls("list"), calls);
  EXPECT_GT(new_.calls("list"), 0);
}

TEST_F(ReloadConnectionsTest, AKeyIsReadFromWhereTheNewConfigurationSays) {
  begin(desk("old"));
  std::ofstream(scratch_.path() / "other") << "second\n";
  std::string moved = desk("old");
  moved.replace(moved.find("/key"), 4, "/other");
  EXPECT_EQ(reload(moved), "");
  opens(old_);
  clock_.advance(2min);
  tag("urgent");
  clock_.advance(2min);
  EXPECT_THAT(old_.ticket(1).tags, testing::Contains("urgent"));
}

TEST_F(ReloadConnectionsTest, WhatIsOwedToARemovedDeskIsParkedAndComesBackWithIt) {
  begin(desk("old"));
  opens(old_);
  clock_.advance(2min);
  EXPECT_EQ(reload(""), "");
  tag("urgent");
  clock_.advance(1s);
  EXPECT_EQ(only_effect().state, outbox::State::parked);
  EXPECT_THAT(only_effect().error, HasSubstr("freshdesk:main is not configured"));
  EXPECT_EQ(old_.calls("update"), 0);

  EXPECT_EQ(reload(desk("old")), "");
  clock_.advance(1s);
  EXPECT_EQ(only_effect().state, outbox::State::done) << only_effect().error;
  EXPECT_EQ(old_.calls("update"), 1);
  EXPECT_THAT(old_.ticket(1).tags, testing::Contains("urgent"));
}

TEST_F(ReloadConnectionsTest, ARemovedDeskIsMissedAcrossARestartToo) {
  begin(desk("old"));
  opens(old_);
  clock_.advance(2min);
  app_.reset();
  begin("");
  tag("urgent");
  clock_.advance(1s);
  EXPECT_EQ(only_effect().state, outbox::State::parked);
  app_.reset();
  begin(desk("old"));
  clock_.advance(1s);
  EXPECT_EQ(only_effect().state, outbox::State::done) << only_effect().error;
}

TEST_F(ReloadConnectionsTest, ARefusedReloadKeepsTheDesks) {
  begin(desk("old") + "[[run_once]]\nid = \"a\"\njob = \"housekeeping\"\n");
  clock_.settle();
  EXPECT_NE(reload("[[run_once]]\nid = \"a\"\njob = \"housekeeping\"\narguments = { x = \"1\" }\n"), "");
  const int calls = old_.calls("list");
  clock_.advance(2min);
  EXPECT_GT(old_.calls("list"), calls);
}

TEST_F(ReloadConnectionsTest, TheOutboxListsWhatIsNotFinishedUnlessMoreIsAskedFor) {
  App& app = begin(desk("old"));
  opens(old_);
  clock_.advance(2min);
  tag("urgent");
  clock_.advance(1s);
  const auto keys = [&](std::map<std::string, std::string> query) {
    http::Inbound in;
    in.query = std::move(query);
    const auto answer = app.routes().find("GET", "/api/v1/outbox").route->handler(in);
    return json::Document::parse(answer.body, "answer").root().at("effects").items().size();
  };
  EXPECT_EQ(keys({}), 0u);
  EXPECT_EQ(keys({{"all", "1"}}), 1u);
  EXPECT_EQ(keys({{"state", "done"}}), 1u);
  EXPECT_THROW(keys({{"all", "1"}, {"state", "done"}}), Error);
  EXPECT_EQ(reload(""), "");
  tag("later");
  clock_.advance(1s);
  EXPECT_EQ(keys({}), 1u) << "parked";
}

TEST_F(ReloadConnectionsTest, OnlyPlacesNeedARestartAndAreNamed) {
  begin("");
  const std::string refusal =
      reload("[http]\nlisten = [\"127.0.0.1:1\"]\n" + desk("old") + "[ledger]\nconnections = 9\n");
  EXPECT_EQ(refusal, "needs a restart: http.listen, ledger.connections");
}

}  // namespace
}  // namespace supportd
