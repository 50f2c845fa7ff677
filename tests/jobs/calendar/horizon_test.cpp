#include "jobs/calendar/horizon.hpp"

#include <gmock/gmock.h>

#include "daemon/store/content.hpp"
#include "tests/fakes/net.hpp"
#include "tests/fakes/scratch.hpp"
#include "tests/fakes/set_clock.hpp"

namespace supportd::calendar {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Instant instant(const char* text) { return time::parse_instant(text).value(); }

std::string start_of(const char* zone, const char* day) {
  return time::to_text(calendar::start_of(time::Zone::find(zone).value(), parse_day(day).value()));
}

TEST(StartOfADay, IsMidnightInItsZone) {
  EXPECT_EQ(start_of("UTC", "2027-01-01"), "2027-01-01T00:00:00Z");
  EXPECT_EQ(start_of("Asia/Seoul", "2027-01-01"), "2026-12-31T15:00:00Z");
  EXPECT_EQ(start_of("America/New_York", "2027-01-01"), "2027-01-01T05:00:00Z");
  EXPECT_EQ(start_of("America/Santiago", "2026-09-06"), "2026-09-06T04:00:00Z") << "the clocks skip its midnight";
}

class HorizonTest : public testing::Test {
 protected:
  static std::vector<store::Migration> migrations() {
    auto out = store::records_schema();
    for (const auto& more : {outbox::schema(), run::Deadlines::migrations()}) {
      out.insert(out.end(), more.begin(), more.end());
    }
    return out;
  }
  static Section section() {
    Section out;
    out.directory = "/nowhere";
    out.warn_before = std::chrono::days{90};
    Shape& seoul = out.hours["seoul"];
    seoul.zone = "Asia/Seoul";
    seoul.valid_to = "2026-12-31";
    return out;
  }
  void at(const char* time) {
    clock.at = instant(time);
    while (deadlines.fire(clock.at) > 0) continue;
  }

  fakes::Scratch scratch;
  fakes::SetClock clock{instant("2026-03-16T09:00:00Z")};
  store::Ledger ledger{scratch.ledger(store::Engine::sqlite), clock, migrations()};
  RunningConfig running{nullptr};
  outbox::Outbox outbox{clock, Instant{}, outbox::Mode::live};
  fakes::FaultPlan faults{1, {}};
  fakes::Net net{clock, faults};
  http::Budgets budgets{clock};
  std::vector<std::string> logged;
  observe::Log log{clock, [this](const observe::Record& it) { logged.push_back(it.message); }};
  observe::Metrics metrics;
  run::Deadlines deadlines{ledger, log, metrics};
  run::JobKinds jobs;
  http::Router routes;
  Registry registry{clock, running, ledger, outbox, net, budgets, log, metrics, deadlines, jobs, routes};
  Horizon horizon{registry};
};

TEST_F(HorizonTest, TheLastDayEndsWhereTheDeskIs) {
  horizon.know(section(), {"seoul"}, clock.at);
  EXPECT_THAT(metrics.text(), HasSubstr("supportd_calendar_valid_to_timestamp_seconds{calendar=\"seoul\"} 1798729200"));
  ledger.write([&](store::Tx& tx) { horizon.arm(tx, clock.at); });
  at("2026-10-02T14:59:59Z");
  EXPECT_THAT(logged, IsEmpty());
  at("2026-10-02T15:00:00Z");
  EXPECT_THAT(logged, ElementsAre(HasSubstr("a newer table is needed"))) << "ninety days before";
}

TEST_F(HorizonTest, WhatHasEndedIsSaidToHave) {
  clock.at = instant("2026-12-31T14:59:59Z");
  horizon.know(section(), {"seoul"}, clock.at);
  horizon.know(section(), {"seoul"}, clock.at + std::chrono::seconds{1});
  EXPECT_THAT(logged, ElementsAre(HasSubstr("known for a short time only"), HasSubstr("known no longer")));
}

}  // namespace
}  // namespace supportd::calendar
