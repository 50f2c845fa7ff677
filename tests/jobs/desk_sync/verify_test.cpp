// A full read beside the ledger: what is found, and what is no drift.
#include "jobs/desk_sync/verify.hpp"

#include "jobs/desk_sync/owing.hpp"
#include "tests/jobs/desk_sync/two_desks.hpp"

namespace supportd::desk_sync {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Verify : public TwoDesks {
 protected:
  void SetUp() override {
    TwoDesks::SetUp();
    if (testing::Test::IsSkipped()) return;
    ticket = opens();
    settle();
  }
  std::vector<Drift> verify(const std::string& comments = "no") {
    clock.at += 6min;
    run_job("desk_verify", {{"comments", comments}});
    return ledger->read([](Tx& tx) { return list_drift(tx, "", 0, 100); });
  }
  tickets::TicketId id() {
    return ledger->read([&](Tx& tx) { return tickets::find_link(tx, fresh_system, std::to_string(ticket))->ticket; });
  }
  // As if the row had never been written.
  void forget(const std::string& table, const std::string& where) {
    ledger->write([&](Tx& tx) { tx.exec("DELETE FROM " + table + " WHERE " + where); });
  }
  std::int64_t ticket = 0;
};

TEST_P(Verify, InStepThereIsNothing) {
  EXPECT_THAT(verify("yes"), IsEmpty());
  EXPECT_EQ(ledger->read([](Tx& tx) { return count_drift(tx).size(); }), 0U);
}

TEST_P(Verify, WhatThePeopleChangedJustNowIsNoDrift) {
  fresh.set_status(ticket, 3, clock.at);
  EXPECT_THAT(verify(), IsEmpty());
  // Zendesk's export leaves out the last minute, and nobody can have read this yet.
  zen.set_status(zen.tickets().front().id, "pending", clock.at + 6min - 10s);
  EXPECT_THAT(verify(), IsEmpty());
}

TEST_P(Verify, WhatTheLedgerHasDeletedIsNoDriftWhereItIsGone) {
  fresh.agent_deletes(ticket, clock.at);
  pull();
  zen.agent_deletes(zen.tickets().front().id, clock.at + 6min - 10s);  // not in the export yet
  EXPECT_THAT(verify(), IsEmpty());
}

TEST_P(Verify, AWordThatWasMadePrivateAfterItWentAsAPublicOneIsFound) {
  const auto twin = zen.tickets().front().id;
  zen.agent_replies(twin, zen_agent, "Their contract has ended.", {}, clock.at);
  settle();
  EXPECT_THAT(verify("yes"), IsEmpty());
  zen.agent_makes_private(zen.comments(twin).back().id, clock.at);
  settle();
  const auto found = verify("yes");
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found.front().system, fresh_system);
  EXPECT_EQ(to_text(found.front().kind), "unwritten");
  EXPECT_EQ(found.front().field, "comment " + std::to_string(fresh.conversations(ticket).front().id));
  EXPECT_EQ(found.front().desk, "public");
  EXPECT_EQ(found.front().ledger, "private");
}

TEST_P(Verify, AValueThatNeverGotThereIsFound) {
  tickets::Change change;
  change.kind = tickets::EventKind::priority;
  change.value = "urgent";
  ledger->write([&](Tx& tx) { kernel.append(tx, {id(), change, clock.at, "rule", "", "decision"}, clock.at); });
  EXPECT_THAT(verify(), IsEmpty()) << "it is still on its way";
  forget("effect", "kind = 'state' AND state = 'queued'");
  const auto found = verify();
  ASSERT_THAT(found, SizeIs(2)) << "at both desks";
  EXPECT_EQ(found[0].kind, Drift::Kind::unwritten);
  EXPECT_EQ(found[0].field, "priority");
  EXPECT_EQ(found[0].ledger, "4");
  EXPECT_EQ(found[0].ticket, id());
  EXPECT_EQ(ledger->read([](Tx& tx) { return count_drift(tx); }).at(fresh_system), 1);
}

class Unmapped : public Verify {
 protected:
  Unmapped() {
    settings +=
        "[[desk_sync.zendesk.main.field]]\ndesk = \"360001\"\nledger = \"area\"\nout = [{ map = { vpn = \"VPN\" } "
        "}]\n[[desk_sync.freshdesk.main.field]]\ndesk = \"cf_area\"\nledger = \"area\"\n";
  }
};

TEST_P(Unmapped, AValueWithoutACounterpartIsFound) {
  fresh.agent_changes(
      ticket, [](fakes::FreshdeskTicket& it) { it.fields["cf_area"] = "\"dns\""; }, clock.at);
  settle();
  const auto found = verify();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].kind, Drift::Kind::unwritten);
  EXPECT_EQ(found[0].system, zen_system);
  EXPECT_EQ(found[0].field, "360001");
  EXPECT_EQ(found[0].ledger, "dns");
}

TEST_P(Verify, AValueThatWasCutOffIsFound) {
  ledger->write([&](Tx& tx) {
    tx.exec(
        "INSERT INTO desk_round (system, ticket, field, agreed, desk, rounds, slow, at, cut, ledger) VALUES (:system, "
        ":ticket, 'priority', 'urgent', 'low', 3, 1, :now, 1, 'urgent')",
        std::string(zen_system), id(), clock.at);
  });
  fresh.agent_changes(
      ticket, [](fakes::FreshdeskTicket& it) { it.priority = 4; }, clock.at);
  settle();
  ASSERT_EQ(zen.tickets().front().priority, "low");
  const auto found = verify();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].kind, Drift::Kind::unwritten);
  EXPECT_EQ(found[0].field, "priority");
  EXPECT_EQ(found[0].ledger, "urgent");
  EXPECT_EQ(found[0].system, zen_system);
}

TEST_P(Verify, ATicketThatTheDeskHasNoMoreIsFound) {
  fresh.purge_ticket(ticket);
  const auto found = verify();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].kind, Drift::Kind::absent);
  EXPECT_EQ(found[0].remote_id, std::to_string(ticket));
}

TEST_P(Verify, ATicketThatTheLedgerNeverTookIsFound) {
  const auto other = opens("Nobody has read this.");
  // The cursor has gone past it.
  pull();
  const auto unknown =
      ledger->read([&](Tx& tx) { return tickets::find_link(tx, fresh_system, std::to_string(other)); });
  forget("link", "ticket = " + std::to_string(unknown->ticket.value));
  const auto found = verify();
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].kind, Drift::Kind::unknown);
  EXPECT_EQ(found[0].remote_id, std::to_string(other));
}

TEST_P(Verify, CommentsAreComparedWhenAskedFor) {
  fresh.agent_notes(ticket, fresh_agent, "seen it", {}, clock.at);
  settle();
  EXPECT_THAT(verify("yes"), IsEmpty());
  const auto said = ledger->read([&](Tx& tx) { return tickets::messages_of(tx, id()); });
  ASSERT_THAT(said, SizeIs(2));
  ledger->write([&](Tx& tx) { tx.exec("UPDATE message SET identity = 'lost' WHERE id = :id", said.back().id); });
  EXPECT_THAT(verify("no"), IsEmpty());
  const auto found = verify("yes");
  ASSERT_THAT(found, SizeIs(2)) << "and nobody knows that the other desk has it";
  EXPECT_EQ(found[0].kind, Drift::Kind::unread);
  EXPECT_THAT(found[0].field, HasSubstr("comment "));
  EXPECT_EQ(found[0].desk, "seen it");
}

TEST_P(Verify, AWordThatNeverReachedADeskIsFound) {
  fresh.customer_replies(ticket, "still down", {}, clock.at);
  settle();
  EXPECT_THAT(verify("yes"), IsEmpty());
  ledger->write(
      [](Tx& tx) { tx.exec("UPDATE effect SET state = 'dropped' WHERE kind = 'message' AND key LIKE 'mirror:%'"); });
  const auto found = verify("yes");
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].kind, Drift::Kind::unwritten);
  EXPECT_EQ(found[0].system, zen_system);
  EXPECT_EQ(found[0].ledger, "still down");
}

TEST_P(Verify, WhatTheLastOneFoundIsReplaced) {
  fresh.purge_ticket(ticket);
  EXPECT_THAT(verify(), SizeIs(1));
  EXPECT_THAT(verify(), SizeIs(1)) << "not one more for each time";
}

INSTANTIATE_TEST_SUITE_P(, Unmapped, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });
INSTANTIATE_TEST_SUITE_P(, Verify, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });

}  // namespace
}  // namespace supportd::desk_sync
