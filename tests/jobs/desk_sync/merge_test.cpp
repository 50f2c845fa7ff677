// Both sides change the same ticket.
#include "tests/jobs/desk_sync/room.hpp"

namespace supportd::desk_sync {
namespace {

class DeskMerge : public SliceTest {};

TEST_P(DeskMerge, BothSidesTagsSurviveASimultaneousChange) {
  const auto id = customer_opens();
  pull();
  decide(id, EventKind::tags, "ours");
  fake.agent_tags(id, "theirs", clock.at + 1s);
  clock.at += 2s;
  send_all();
  pull();
  send_all();
  EXPECT_EQ(fake.ticket(id).tags, (std::vector<std::string>{"ours", "theirs", "vip"}));
  EXPECT_EQ(ticket(id).tags, (std::vector<std::string>{"ours", "theirs", "vip"}));
}

TEST_P(DeskMerge, AnAgentsStatusWinsWhenItIsNewer) {
  const auto id = customer_opens();
  pull();
  decide(id, EventKind::status, "hold");
  clock.at += 5s;
  fake.agent_changes(
      id, [](fakes::FreshdeskTicket& t) { t.status = 6; }, clock.at);
  pull();
  send_all();
  EXPECT_EQ(ticket(id).status, tickets::Status::pending);
  EXPECT_EQ(fake.ticket(id).status, 6);
  EXPECT_EQ(ledger->read([](Tx& tx) { return conflicts(tx, true, 0, 10).size(); }), 1u);
}

TEST_P(DeskMerge, AnAgentsSolveIsNotTakenBackByARuleThatCameLater) {
  const auto id = customer_opens();
  fake.agent_changes(
      id, [](fakes::FreshdeskTicket& t) { t.fields["cf_root_cause"] = "\"known\""; }, clock.at);
  pull();
  clock.at += 5s;
  fake.agent_solves(id, clock.at);
  clock.at += 5s;
  decide(id, EventKind::status, "hold");
  send_all();
  pull();
  send_all();
  EXPECT_EQ(ticket(id).status, tickets::Status::solved);
  EXPECT_EQ(fake.ticket(id).status, 4);
}

TEST_P(DeskMerge, ARowThatIsOlderThanOurOwnWriteIsNoNews) {
  const auto id = customer_opens();
  pull();
  const auto listed = desk->ticket(std::to_string(id), {});
  decide(id, EventKind::status, "hold");
  clock.at += 5s;
  send_all();
  Reading stale;
  stale.row = listed;
  stale.row.status = "4";
  ledger->write([&](Tx& tx) { ingest(tx, kernel, desk_name, {}, stale, clock.at); });
  EXPECT_EQ(ticket(id).status, tickets::Status::hold);
  pull();
  EXPECT_EQ(ticket(id).status, tickets::Status::hold);
}

TEST_P(DeskMerge, AStatusOlderThanOurOwnWriteIsNoNewsInTheSameSecondEither) {
  const auto id = customer_opens();
  pull();
  clock.at += 5s;
  decide(id, EventKind::status, "hold");
  Reading stale;
  stale.row = desk->ticket(std::to_string(id), {});
  send_all();
  stale.row.updated = clock.at;  // by a note of ours
  ledger->write([&](Tx& tx) { ingest(tx, kernel, desk_name, {}, stale, clock.at); });
  EXPECT_EQ(ticket(id).status, tickets::Status::hold);
  pull();
  send_all();
  EXPECT_EQ(ticket(id).status, tickets::Status::hold);
  EXPECT_EQ(fake.ticket(id).status, 3);
}

TEST_P(DeskMerge, AStatusIsAsOldAsTheDeskSaysHoweverLateTheRowWasTouched) {
  const auto id = customer_opens();
  pull();
  clock.at += 5s;
  fake.agent_changes(
      id, [](fakes::FreshdeskTicket& t) { t.status = 6; }, clock.at);
  clock.at += 5s;
  decide(id, EventKind::status, "hold");
  clock.at += 5s;
  fake.agent_tags(id, "touched", clock.at);
  pull();
  send_all();
  pull();
  EXPECT_EQ(ticket(id).status, tickets::Status::hold);
  EXPECT_EQ(fake.ticket(id).status, 3);
}

TEST_P(DeskMerge, ACommentMadeJustBeforeOurOwnWriteIsStillRead) {
  const auto id = customer_opens();
  pull();
  decide(id, EventKind::status, "hold");
  clock.at += 5s;
  fake.customer_replies(id, "one more thing", {}, clock.at);
  send_all();
  pull();
  EXPECT_EQ(messages(id).size(), 2u);
}

// Opened, spoken on and solved again while the desk could not be read: the end comes after what was said.
TEST_P(DeskMerge, WhatWasReopenedAndSolvedAgainBetweenTwoReadsHappenedInThatOrder) {
  const auto id = customer_opens();
  fake.agent_solves(id, clock.at);
  pull();
  clock.at += 1h;
  fake.customer_replies(id, "not yet", {}, clock.at);
  clock.at += 1h;
  fake.agent_solves(id, clock.at);
  clock.at += 5s;
  pull();
  std::vector<std::string> after;
  for (const auto& event : ledger->read([&](Tx& tx) { return tickets::events_of(tx, ticket(id).id); })) {
    if (event.change.kind == EventKind::status || event.change.kind == EventKind::commented) {
      after.push_back(event.change.kind == EventKind::status ? event.change.value : "said");
    }
  }
  EXPECT_EQ(after, (std::vector<std::string>{"said", "solved", "open", "said", "solved"}));
  EXPECT_EQ(ticket(id).status, tickets::Status::solved);
  pull();
  EXPECT_EQ(ticket(id).seq, ledger->read([&](Tx& tx) { return tickets::events_of(tx, ticket(id).id).back().seq; }));
}

TEST_P(DeskMerge, WhatTheLedgerWinsIsGivenToTheDeskAgain) {
  const auto id = customer_opens();
  pull();
  clock.at += 5s;
  fake.agent_changes(
      id, [](fakes::FreshdeskTicket& t) { t.status = 6; }, clock.at);
  clock.at += 5s;
  decide(id, EventKind::status, "hold");
  send_all();
  pull();
  send_all();
  pull();
  EXPECT_EQ(ticket(id).status, tickets::Status::hold);
  EXPECT_EQ(fake.ticket(id).status, 3);
}

INSTANTIATE_TEST_SUITE_P(, DeskMerge, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& param) { return fakes::name_of(param.param); });

}  // namespace
}  // namespace supportd::desk_sync
