// Rules change while tickets are open.
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
