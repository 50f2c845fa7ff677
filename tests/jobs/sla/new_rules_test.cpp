// Rules change while tickets are open.
#include "jobs/tickets/people.hpp"
#include "tests/jobs/sla/room.hpp"

namespace supportd::sla {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class SlaNewRules : public Room {};

TEST_P(SlaNewRules, NewRulesReachEveryOpenTicket) {
  std::vector<TicketId> ids;
  for (int i = 0; i < 250; ++i) ids.push_back(opened("09:00:00"));
  clock.at = on("09:46:00");
  adopt(settings("2h"));
  asked.clear();
  at("09:46:00");
  EXPECT_THAT(asked, ElementsAre(sweep_job));
  EXPECT_GT(audited().deadlines, 0) << "they were not looked at yet";
  EXPECT_THAT(run_job(audit_job).summary, HasSubstr("new ones")) << "nothing is wrong that is under way";
  EXPECT_EQ(run_job(sweep_job).counts.at("tickets"), 500) << "those near first, and then all";
  for (const auto id : {ids.front(), ids.back()}) EXPECT_EQ(armed(threshold_deadline, id), on("10:36:00"));
  EXPECT_THAT(audited().flaws, IsEmpty());
  asked.clear();
  at("09:47:10");
  EXPECT_THAT(asked, IsEmpty()) << "that is over";
  EXPECT_THAT(metrics.text(), HasSubstr("supportd_sla_rules_version 2"));
}

TEST_P(SlaNewRules, TicketsThatReachAThresholdSoonAreLookedAtFirst) {
  at("06:00:00");
  opened("06:00:00");
  opened("06:01:00");
  at("07:30:00");      // both are overdue, and all of their thresholds are passed
  opened("09:12:00");  // 80 % at 10:00
  clock.at = on("09:46:00");
  adopt(settings("2h"));
  EXPECT_EQ(run_job(sweep_job).counts.at("tickets"), 4) << "the third before, and then all";
}

TEST_P(SlaNewRules, ASweepGoesOnWhereItStopped) {
  for (int i = 0; i < 250; ++i) opened("09:00:00");
  clock.at = on("09:10:00");
  adopt(settings("11m"));
  std::stop_source stopped;
  on_reading = [&] { stopped.request_stop(); };
  EXPECT_THROW(run_job(sweep_job, stopped.get_token()), Error);
  EXPECT_THAT(readings, SizeIs(100)) << "80 % of eleven minutes have passed, for one step's tickets so far";
  on_reading = {};
  start();
  EXPECT_EQ(run_job(sweep_job).counts.at("tickets"), 150);
  EXPECT_THAT(audited().flaws, IsEmpty());
}

TEST_P(SlaNewRules, TicketsWhoseClocksCannotBeComputedFailTheSweepAndStopNoOther) {
  const auto bad = opened("09:00:00"), good = opened("09:00:00");
  ledger->write([&](Tx& tx) { tx.exec("UPDATE sla_clock SET metric = 'nonsense' WHERE ticket = :ticket", bad); });
  clock.at = on("09:10:00");
  adopt(settings("2h"));
  try {
    run_job(sweep_job);
    FAIL() << "that is no success";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("the clocks of 1 of 2 tickets could not be computed, first of ticket 1: "));
    EXPECT_THAT(error.what(), HasSubstr("--arg again=yes"));
  }
  EXPECT_EQ(armed(threshold_deadline, good), on("10:36:00"));
  ledger->write([&](Tx& tx) { tx.exec("DELETE FROM sla_clock WHERE ticket = :ticket", bad); });
  EXPECT_EQ(run_job(sweep_job).counts.at("tickets"), 0) << "it is over";
  EXPECT_GT(run_job(sweep_job, {}, {{"again", "yes"}}).counts.at("tickets"), 0);
  EXPECT_EQ(armed(threshold_deadline, bad), on("10:36:00"));
  EXPECT_THAT(audited().flaws, IsEmpty());
}

// An afternoon off that somebody enters in the evening.
TEST_P(SlaNewRules, ACorrectionConcernsWhatHasPassedAndTicketsThatWereEndedSince) {
  const auto running = opened("09:00:00"), ended = opened("09:00:00");
  at("11:00:00");
  becomes(ended, EventKind::status, "solved");
  ASSERT_THAT(told(), SizeIs(2));
  clock.at = on("12:00:00");
  const std::string corrected = settings("1h") + "[sla]\ncorrects_since = \"2026-03-16T09:10:00Z\"\n" +
                                "[calendar.hours.always.breaks]\n2026-03-16 = \"09:10-11:30\"\n";
  adopt(corrected);
  run_job(sweep_job);
  for (const auto id : {running, ended}) {
    EXPECT_THAT(passed(id), testing::Each(HasSubstr("confirmed, would not have been reached"))) << id.value;
  }
  EXPECT_EQ(armed(threshold_deadline, running), on("12:08:00"));
  EXPECT_THAT(audited().flaws, IsEmpty());
  adopt(corrected);
  EXPECT_EQ(ledger->read([](Tx& tx) { return *tx.one<int>("SELECT count(*) FROM sla_rules"); }), 2);
}

// Nor does a reload that comes before its sweep is done take that away.
TEST_P(SlaNewRules, ACorrectionIsSweptAlsoWhenOtherRulesFollowAtOnce) {
  const auto ended = opened("09:00:00");
  at("11:00:00");
  becomes(ended, EventKind::status, "solved");
  clock.at = on("12:00:00");
  adopt(settings("3h") + "[sla]\ncorrects_since = \"2026-03-16T08:30:00Z\"\n");
  clock.at = on("12:00:01");
  adopt(settings("4h"));
  run_job(sweep_job);
  EXPECT_THAT(passed(ended), testing::Each(HasSubstr("confirmed, would not have been reached")));
}

// As a desk tells it, with any ticket of that organisation.
TEST_P(SlaNewRules, AnotherNameOfAnOrganisationReachesItsOpenTickets) {
  adopt(settings("3h") + "[[sla.policy]]\nname = \"hanbit\"\nrank = 5\ncalendar = \"always\"\nfirst_reply = { any = " +
        "\"1h\" }\nmatch = { organisation = [\"Hanbit\"] }\n");
  run_job(sweep_job);
  const auto call = [&](const std::string& name) {
    ledger->write([&](Tx& tx) {
      const auto met = tickets::meet_organisation(tx, "freshdesk:main", "55", name, clock.at);
      if (met.is_renamed) kernel->renamed(tx, met.id, clock.at);
    });
    asked.clear();
    while (deadlines->fire(clock.at) > 0) continue;
  };
  call("Hanbit");
  const auto open = opened("09:00:00"), ended = opened("09:00:00");
  for (const auto id : {open, ended}) becomes(id, EventKind::organisation, "1");
  EXPECT_EQ(armed(threshold_deadline, open), on("09:48:00"));
  clock.at = on("09:10:00");
  becomes(ended, EventKind::status, "solved");
  clock.at = on("09:30:00");
  call("Hanbit Soft");
  EXPECT_THAT(asked, ElementsAre(sweep_job));
  run_job(sweep_job);
  EXPECT_EQ(armed(threshold_deadline, open), on("11:24:00"));
  EXPECT_THAT(audited().flaws, IsEmpty()) << "what has ended keeps the name it ended under";
  const auto answer = asks("GET", "/api/v1/tickets/" + key_of(open) + "/sla");
  EXPECT_THAT(answer.root().at("clocks").items().front().at("changes").items().back().string("why", ""),
              "organisation Hanbit Soft");
  clock.at = on("09:31:00");
  call("Hanbit Cloud");
  EXPECT_THAT(asked, IsEmpty()) << "no policy knows the one nor the other";
}

TEST_P(SlaNewRules, ANameThatNoPolicyKnowsIsNobodysBusiness) {
  for (const char* name : {"Acme", "Acme Inc."}) {
    ledger->write([&](Tx& tx) {
      const auto met = tickets::meet_organisation(tx, "freshdesk:main", "7", name, clock.at);
      if (met.is_renamed) kernel->renamed(tx, met.id, clock.at);
    });
  }
  while (deadlines->fire(clock.at) > 0) continue;
  EXPECT_THAT(asked, IsEmpty());
}

TEST_P(SlaNewRules, TheSameRulesAreNoNewRules) {
  opened("09:00:00");
  asked.clear();
  start();
  adopt(settings("1h"));
  at("09:01:00");
  EXPECT_THAT(asked, IsEmpty());
  const auto versions = ledger->read([](Tx& tx) { return *tx.one<int>("SELECT count(*) FROM sla_rules"); });
  EXPECT_EQ(versions, 1);
}

TEST_P(SlaNewRules, PoliciesThatAreTakenAwayPromiseNothingMore) {
  const auto id = opened("09:00:00");
  clock.at = on("09:10:00");
  adopt("");
  run_job(sweep_job);
  EXPECT_EQ(armed(threshold_deadline, id), std::nullopt);
  at("11:00:00");
  EXPECT_THAT(passed(id), IsEmpty());
  EXPECT_THAT(audited().flaws, IsEmpty());
}

TEST_P(SlaNewRules, APlanOfAReloadNamesWhatMoves) {
  const auto id = opened("09:00:00");
  const auto moves = [&](const std::string& text) {
    const auto fresh = config(text);
    return ledger->read([&](Tx& tx) { return deadlines->moves(tx, *fresh, clock.at); });
  };
  EXPECT_THAT(moves(settings("1h")), IsEmpty());
  const auto all = moves(settings("2h"));
  ASSERT_THAT(all, SizeIs(1));
  EXPECT_EQ(all[0].what, "next threshold of ticket " + key_of(id));
  EXPECT_EQ(all[0].before, on("09:48:00"));
  EXPECT_EQ(all[0].after, on("10:36:00"));
}

INSTANTIATE_TEST_SUITE_P(, SlaNewRules, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });

}  // namespace
}  // namespace supportd::sla
