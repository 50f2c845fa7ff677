// Clocks follow events; thresholds are recorded, confirmed and told; the audit.
#include "jobs/sla/channel.hpp"
#include "jobs/tickets/people.hpp"
#include "tests/jobs/sla/room.hpp"

namespace supportd::sla {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class SlaSlice : public Room {};

TEST_P(SlaSlice, AnEventMovesItsTicketsClocksAndNoOther) {
  const auto one = opened("09:00:00"), other = opened("09:10:00");
  EXPECT_EQ(armed(threshold_deadline, one), on("09:48:00"));
  says(one, "09:10:00", Author::agent);
  EXPECT_EQ(armed(threshold_deadline, one), std::nullopt) << "it was answered";
  EXPECT_EQ(armed(threshold_deadline, other), on("09:58:00"));
  EXPECT_THAT(audited().flaws, IsEmpty());
}

TEST_P(SlaSlice, AThresholdIsRecordedAtItsInstantConfirmedAndTold) {
  const auto id = opened("09:00:00");
  at("09:47:59");
  EXPECT_THAT(passed(id), IsEmpty());
  at("09:48:00");
  EXPECT_THAT(passed(id), ElementsAre("80 confirmed")) << "it lives at no desk that anybody could wait for";
  ASSERT_THAT(told(), SizeIs(1));
  EXPECT_EQ(told()[0].channel, log_channel);
  EXPECT_THAT(told()[0].payload, HasSubstr("first_reply 80 % of 1h"));
  at("10:00:00");
  at("10:00:00");
  EXPECT_THAT(passed(id), ElementsAre("80 confirmed", "100 confirmed"));
  EXPECT_THAT(told(), SizeIs(2));
  const auto events = ledger->read([&](Tx& tx) { return tickets::events_of(tx, id); });
  EXPECT_EQ(events.back().change.value, "first_reply 100 % of 1h, confirmed");
  EXPECT_THAT(metrics.text(),
              HasSubstr("supportd_sla_thresholds_total{metric=\"first_reply\",percent=\"100\",state=\"confirmed\"} 1"));
}

TEST_P(SlaSlice, ADeskThatIsKnownThatFarConfirmsEarly) {
  const auto id = opened("09:00:00", {"freshdesk:main", "zendesk:main"});
  at("09:48:00");
  EXPECT_THAT(passed(id), ElementsAre("80 provisional"));
  EXPECT_THAT(readings, ElementsAre(id)) << "its desks are asked";
  EXPECT_THAT(told(), IsEmpty());
  clock.at = on("09:48:03");
  knows("freshdesk:main", id, "09:48:01");
  EXPECT_THAT(passed(id), ElementsAre("80 provisional")) << "the other desk may know of a reply";
  knows("zendesk:main", id, "09:47:59");
  EXPECT_THAT(passed(id), ElementsAre("80 provisional"));
  knows("zendesk:main", {}, "09:48:00");
  EXPECT_THAT(passed(id), ElementsAre("80 confirmed"));
  EXPECT_THAT(told(), SizeIs(1));
}

TEST_P(SlaSlice, ADeskThatIsBehindIsWaitedForAndNamed) {
  const auto id = opened("09:00:00", {"freshdesk:main"});
  at("09:48:00");
  clock.at = on("09:48:30");
  knows("freshdesk:main", id, "09:47:30");
  at("09:49:29");
  EXPECT_THAT(passed(id), ElementsAre("80 provisional"));
  at("09:49:30");
  EXPECT_THAT(passed(id),
              ElementsAre("80 confirmed, origin behind: freshdesk:main was known up to 2026-03-16T09:47:30Z"));
  EXPECT_THAT(told(), SizeIs(1));
  EXPECT_THAT(metrics.text(), HasSubstr("percent=\"80\",state=\"behind\"} 1"));
}

TEST_P(SlaSlice, AReplyThatIsSeenLaterWithdrawsAndNobodyIsTold) {
  const auto id = opened("09:00:00", {"freshdesk:main"});
  at("09:48:00");
  clock.at = on("09:48:20");
  says(id, "09:47:50", Author::agent);
  EXPECT_THAT(passed(id), ElementsAre("80 withdrawn, not reached, by what was learned since"));
  EXPECT_EQ(armed(confirm_deadline, id), std::nullopt);
  at("12:00:00");
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_THAT(audited().flaws, IsEmpty());
}

TEST_P(SlaSlice, WhatWasOvertakenDuringDowntimeIsToldTogether) {
  const auto id = opened("09:00:00", {"freshdesk:main"});
  start();
  at("11:00:00");
  EXPECT_THAT(passed(id), ElementsAre("80 provisional", "100 provisional", "120 provisional"));
  at("11:02:00");
  ASSERT_THAT(told(), SizeIs(1));
  EXPECT_THAT(told()[0].payload, HasSubstr("\"threshold\":\"first_reply 120 % of 1h\""));
  EXPECT_THAT(told()[0].payload, HasSubstr("first_reply 80 % of 1h at 2026-03-16T09:48:00Z"));
  EXPECT_THAT(told()[0].payload, HasSubstr("first_reply 100 % of 1h at 2026-03-16T10:00:00Z"));
}

// A first reply is at risk, then an update is missed, and a first reply is at risk again: two clocks of one ticket.
TEST_P(SlaSlice, WhatIsMissedIsNotHiddenBehindWhatIsAtRisk) {
  adopt(settings("2h", "periodic_update = { any = \"1h\" }\n"));
  opened("09:00:00", {"freshdesk:main"});
  start();
  at("10:40:00");
  at("10:42:00");
  ASSERT_THAT(told(), SizeIs(1));
  EXPECT_THAT(told()[0].payload, HasSubstr("\"threshold\":\"periodic_update 120 % of 1h\",\"percent\":120"));
  EXPECT_THAT(told()[0].payload, HasSubstr("\"first_reply 80 % of 2h at 2026-03-16T10:36:00Z\""));
}

TEST_P(SlaSlice, AReplyThatIsSeenAfterTheConfirmationIsACorrectionOnTheRecord) {
  const auto id = opened("09:00:00");
  at("10:30:00");
  says(id, "09:10:00", Author::agent);
  EXPECT_THAT(passed(id), testing::Each(HasSubstr("confirmed, would not have been reached")));
  int corrections = 0;
  for (const auto& event : ledger->read([&](Tx& tx) { return tickets::events_of(tx, id); })) {
    corrections += event.change.value.find("confirmed: would not have been reached") != std::string::npos;
  }
  EXPECT_EQ(corrections, 3);
  EXPECT_THAT(metrics.text(),
              HasSubstr("supportd_sla_thresholds_total{metric=\"first_reply\",percent=\"100\",state=\"corrected\"} 1"));
  EXPECT_THAT(told(), SizeIs(1)) << "what was said stays said";
}

TEST_P(SlaSlice, WhatPassedBeforeAnybodyWatchedIsNobodysNews) {
  const auto id = opened("06:00:00");
  EXPECT_THAT(passed(id), SizeIs(3));
  at("09:00:00");
  EXPECT_THAT(passed(id), ElementsAre("80 confirmed", "100 confirmed", "120 confirmed"));
  EXPECT_THAT(told(), IsEmpty());
}

TEST_P(SlaSlice, AHigherPriorityMayMissItsTargetAtOnce) {
  adopt(settings("1h", "resolution = { urgent = \"1h\", any = \"10h\" }\n"));
  const auto id = opened("09:00:00");
  says(id, "09:05:00", Author::agent);
  at("11:00:00");
  EXPECT_THAT(passed(id), IsEmpty());
  becomes(id, EventKind::priority, "urgent");
  at("11:00:00");
  EXPECT_THAT(passed(id), ElementsAre("80 confirmed", "100 confirmed", "120 confirmed"));
  EXPECT_THAT(told(), SizeIs(1));
  becomes(id, EventKind::priority, "low");
  at("11:10:00");
  EXPECT_THAT(passed(id), SizeIs(3)) << "what was missed stays missed";
  EXPECT_EQ(armed(threshold_deadline, id), on("17:00:00")) << "80 % of the ten hours since it was opened";
  EXPECT_THAT(audited().flaws, IsEmpty());
}

TEST_P(SlaSlice, TheAuditFindsWhatIsWrong) {
  const auto id = opened("09:00:00");
  at("10:00:00");
  clock.at = on("10:05:00");
  EXPECT_THAT(audited().flaws, IsEmpty());
  const auto with = [&](const std::string& sql) {
    Audited out;
    ledger->rehearse([&](Tx& tx) {
      tx.exec(sql);
      Rulebook book;
      book.load(tx);
      out = audit_some(tx, *book.versions(), TicketId{0}, Instant{}, 100, clock.at);
    });
    return out;
  };
  EXPECT_EQ(with("UPDATE sla_clock SET due = due + 1").rows, 1);
  EXPECT_EQ(with("DELETE FROM sla_clock").rows, 1);
  EXPECT_EQ(with("UPDATE ticket SET status = 'hold'").rows, 1);
  EXPECT_EQ(with("DELETE FROM sla_threshold WHERE percent = 100").thresholds, 1);
  EXPECT_EQ(
      with("INSERT INTO sla_threshold (ticket, metric, instance, target, by_the_wall, percent, at, recorded, state, "
           "settled, "
           "note) SELECT ticket, metric, instance, target, by_the_wall, 120, at, recorded, 'provisional', 0, '' FROM "
           "sla_threshold WHERE percent = 80")
          .thresholds,
      1);
  EXPECT_EQ(with("DELETE FROM deadline WHERE kind = 'sla'").deadlines, 1);
  EXPECT_EQ(with("UPDATE deadline SET fire_at = fire_at + 1 WHERE kind = 'sla'").deadlines, 1);
  EXPECT_EQ(run_job(audit_job).counts.at("tickets"), 1);
  ledger->write([](Tx& tx) { tx.exec("DELETE FROM deadline WHERE kind = 'sla'"); });
  EXPECT_EQ(run_job(audit_job).counts.at("deadlines"), 1);
  EXPECT_THAT(metrics.text(), HasSubstr("supportd_sla_audit_wrong_total{what=\"deadline\"} 1"));
  EXPECT_THAT(logged, testing::Contains("the audit of clocks found a difference"));
  EXPECT_THAT(passed(id), SizeIs(2));
}

TEST_P(SlaSlice, ALineInTheLogSaysWhatWasMissed) {
  opened("09:00:00");
  at("09:48:00");
  at("10:00:00");
  const auto effects = told();
  ASSERT_THAT(effects, SizeIs(2));
  logged.clear();
  for (const auto& effect : effects) {
    const auto prepared =
        ledger->write([&](Tx& tx) { return outbox->channel(log_channel)->prepare(tx, effect).delivery->send({}); });
    EXPECT_EQ(prepared.remote_id, "");
  }
  EXPECT_THAT(logged, ElementsAre("a service level is at risk", "a service level is missed"));
}

INSTANTIATE_TEST_SUITE_P(, SlaSlice, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });

}  // namespace
}  // namespace supportd::sla
