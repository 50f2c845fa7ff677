// Tickets that end at one desk, and quarrels.
#include <gmock/gmock.h>

#include "tests/jobs/desk_sync/twins.hpp"

namespace supportd::desk_sync {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class Ended : public Twins {
 protected:
  using Twins::Twins;
};

TEST_P(Ended, AMergeElsewhereIsSaid) {
  const auto first = opens("One."), second = opens("Two.");
  settle();
  fresh.agent_merges(first, {second}, clock.at);
  settle();
  const auto note = "was merged into freshdesk:main:" + std::to_string(first) + ", which is " +
                    std::to_string(twin_of(first)) + " here.";
  EXPECT_THAT(said_at_zendesk(twin_of(second)), Contains(HasSubstr(note)));
  EXPECT_THAT(said_at_zendesk(twin_of(second)).back(), HasSubstr("private: "));
  const auto count = said_at_zendesk(twin_of(second)).size();
  settle();
  EXPECT_THAT(said_at_zendesk(twin_of(second)), SizeIs(count));
  EXPECT_THAT(dead(), IsEmpty());
}

// The numbers in it are other tickets' at the other desk.
TEST_P(Ended, ADesksOwnNoteOnTheTargetOfAMergeStaysThere) {
  const auto first = opens("One."), second = opens("Two."), third = opens("Three.");
  settle();
  const auto before = said_at_zendesk(twin_of(first));
  fresh.agent_merges(first, {second}, clock.at);
  settle();
  fresh.agent_merges(first, {third}, clock.at);
  settle();
  EXPECT_EQ(said_at_zendesk(twin_of(first)), before);
}

// What reacts to the end of a ticket must know that it goes on elsewhere.
TEST_P(Ended, AMergeIsRecordedBeforeTheStatusThatItBrought) {
  const auto order_of = [&](const std::string& system, std::int64_t remote) {
    return ledger->read([&](Tx& tx) {
      const auto ticket = tickets::find_link(tx, system, std::to_string(remote))->ticket;
      std::vector<std::pair<std::string, Instant>> out;
      for (const auto& event : tickets::events_of(tx, ticket)) {
        const bool is_status = event.change.kind == tickets::EventKind::status;
        if (event.change.kind == tickets::EventKind::merged) out.emplace_back("merged", event.effective);
        if (is_status && event.change.value == "closed") out.emplace_back("closed", event.effective);
      }
      return out;
    });
  };
  const auto first = opens("One."), second = opens("Two."), third = opens("Three.");
  settle();
  const auto twin = twin_of(third);
  fresh.agent_merges(first, {second}, clock.at);
  // Long before it is read.
  fresh.agent_notes(second, fresh_agent, "This was the same.", {}, clock.at + 30s);
  clock.at += 1min;
  zen.agent_merges(twin_of(first), {twin}, clock.at);
  settle();
  for (const auto& [system, remote] :
       {std::pair<std::string, std::int64_t>{fresh_system, second}, {zen_system, twin}}) {
    const auto order = order_of(system, remote);
    ASSERT_THAT(order, SizeIs(2)) << system;
    EXPECT_EQ(order[0].first, "merged") << system;
    EXPECT_LE(order[0].second, order[1].second) << system;
  }
}

// Its counterpart lives on, and so do people who know nothing of the merge.
TEST_P(Ended, WhatIsSaidOnTheCounterpartOfAMergedTicketGoesToTheOneThatGoesOn) {
  const auto first = opens("One."), second = opens("Two.");
  settle();
  const auto twin = twin_of(second);
  fresh.agent_merges(first, {second}, clock.at);
  settle();
  zen.customer_replies(twin, "Is anybody there?", {}, clock.at);
  settle();
  int found = 0;
  for (const auto& it : fresh.conversations(first)) {
    if (it.html.find("Is anybody there?") != std::string::npos) ++found;
  }
  EXPECT_EQ(found, 1);
  settle();
  EXPECT_THAT(dead(), IsEmpty());
}

// An automation of the desk's that runs every hour.
TEST_P(Ended, AQuarrelByTheHourIsCutWithinADay) {
  const auto id = opens();
  settle();
  const auto twin = twin_of(id);
  for (int hour = 0; hour < 24; ++hour) {
    fresh.agent_changes(
        id, [](fakes::FreshdeskTicket& it) { it.priority = 4; }, clock.at);
    settle();
    clock.at += 52min;
    zen.agent_sets(
        twin, [](fakes::ZendeskTicket& it) { it.priority = "low"; }, clock.at);
    settle();
  }
  std::vector<std::string> winners;
  for (const Conflict& it : listed()) winners.push_back(it.winner);
  EXPECT_THAT(winners, Contains("cut"));
}

class Followed : public Ended {
 protected:
  Followed() {
    const std::string rules = "merged = \"follow\"\ndeleted = \"follow\"\n";
    settings += rules + "[desk_sync.freshdesk.main]\n" + rules;
  }
};

TEST_P(Followed, AMergeIsDoneHereTooAndOnce) {
  const auto first = opens("One."), second = opens("Two.");
  settle();
  fresh.agent_merges(first, {second}, clock.at);
  pull();
  faults.next(fakes::Fault::cut_after,
              [](const http::Request& r) { return r.url.find("/merge") != std::string::npos; });
  settle();
  settle();
  EXPECT_EQ(zen.ticket(twin_of(second)).status, "closed");
  EXPECT_TRUE(zen.ticket(twin_of(second)).has_tag("closed_by_merge"));
  const auto told = said_at_zendesk(twin_of(first));
  EXPECT_EQ(std::ranges::count_if(
                told, [](const std::string& one) { return one.find("merged into this request") != one.npos; }),
            1);
  EXPECT_THAT(dead(), IsEmpty());
}

TEST_P(Followed, AMergeAtZendeskIsDoneAtFreshdeskOnce) {
  const auto first = opens("One."), second = opens("Two.");
  settle();
  zen.agent_merges(twin_of(first), {twin_of(second)}, clock.at);
  pull();
  faults.next(fakes::Fault::cut_after,
              [](const http::Request& r) { return r.url.find("/merge") != std::string::npos; });
  settle();
  settle();
  int notes = 0;
  for (const auto& it : fresh.conversations(second)) {
    if (it.html.find("merged into ticket") != std::string::npos) ++notes;
  }
  EXPECT_EQ(notes, 1);
  EXPECT_EQ(fresh.ticket(second).status, 5);
  EXPECT_THAT(dead(), IsEmpty());
}

TEST_P(Followed, ADeletionIsDoneHereToo) {
  const auto id = opens();
  settle();
  const auto twin = twin_of(id);
  fresh.agent_deletes(id, clock.at);
  settle();
  EXPECT_TRUE(zen.ticket(twin).deleted);
  EXPECT_THAT(dead(), IsEmpty());
}

// Zendesk says "deleted" in place of its status.
TEST_P(Followed, ADeletedTicketHasNoStatusThatSomebodyShouldMap) {
  const auto id = opens();
  settle();
  zen.agent_deletes(twin_of(id), clock.at);
  settle();
  EXPECT_TRUE(fresh.ticket(id).deleted);
  EXPECT_THAT(metrics.text(), HasSubstr("supportd_sync_unmapped_statuses{system=\"zendesk:main\"} 0"));
}

TEST_P(Followed, ARestorationIsDoneHereTooAndNothingSaidMeanwhileIsMissing) {
  const auto id = opens();
  settle();
  const auto twin = twin_of(id);
  fresh.agent_deletes(id, clock.at);
  settle();
  ASSERT_TRUE(zen.ticket(twin).deleted);
  fresh.agent_restores(id, clock.at);
  fresh.agent_replies(id, fresh_agent, "It was no spam.", {}, clock.at);
  settle();
  EXPECT_FALSE(zen.ticket(twin).deleted);
  EXPECT_THAT(said_at_zendesk(twin), SizeIs(2));
  EXPECT_THAT(said_at_zendesk(twin).back(), HasSubstr("It was no spam."));
  const auto ticket = ledger->read(
      [&](Tx& tx) { return tickets::load(tx, tickets::find_link(tx, fresh_system, std::to_string(id))->ticket); });
  EXPECT_FALSE(ticket.deleted);
  zen.set_status(twin, "solved", clock.at);
  settle();
  EXPECT_EQ(fresh.ticket(id).status, 4);
  EXPECT_THAT(dead(), IsEmpty());
}

// The counterpart is made, and before we know it its ticket ends: the write's answer tells of it, or a read.
TEST_P(Followed, ADeletionWhileTheCounterpartIsMadeIsDoneHereToo) {
  for (const char* desk : {fresh_system, ""}) {
    const auto id = opens();
    pull();
    auto lease = ledger->write([&](Tx& tx) { return outbox::lease_next(tx, *outbox, "token", clock.at); });
    const auto outcome = outbox::act(*lease, clock, {});
    fresh.agent_deletes(id, clock.at);
    clock.at += 2min;
    run_job("desk_sync", {{"desk", desk}});
    ledger->write([&](Tx& tx) { outbox::end(tx, *outbox, *lease, outcome, clock.at); });
    settle();
    EXPECT_TRUE(zen.tickets().back().deleted) << desk;
  }
  EXPECT_THAT(zen.tickets(), SizeIs(2));
  EXPECT_THAT(dead(), IsEmpty());
}

TEST_P(Followed, ADeletionThatARestoredLedgerFindsIsDoneHereToo) {
  if (GetParam() == store::Engine::postgresql) GTEST_SKIP() << "no copy of a PostgreSQL ledger to go back to";
  const auto copy = scratch / "copy.db";
  ledger->backup(copy);
  clock.at += 2h;
  const auto id = opens("Today.");
  settle();
  ASSERT_THAT(zen.tickets(), SizeIs(1));
  restore(copy);
  fresh.agent_deletes(id, clock.at);
  settle();
  clock.at += 1h;
  settle();
  EXPECT_TRUE(zen.tickets().front().deleted);
  EXPECT_THAT(dead(), IsEmpty());
  EXPECT_EQ(ledger->read([](Tx& tx) { return *tx.one<int>("SELECT COUNT(*) FROM aside"); }), 0);
}

// Both happened while nobody looked, and the list has the merged one first.
TEST_P(Followed, AMergeIntoATicketThatIsNewToUsIsFollowed) {
  const auto second = opens("Two.");
  settle();
  clock.at += 3h;
  const auto first = opens("One.");
  fresh.agent_merges(first, {second}, clock.at);
  settle();
  EXPECT_TRUE(zen.ticket(twin_of(second)).has_tag("closed_by_merge"));
  EXPECT_EQ(zen.ticket(twin_of(second)).status, "closed");
  EXPECT_NE(twin_of(first), 0);
}

// An agent may write such a note by hand, on two tickets about each other.
TEST_P(Followed, TwoThatNameEachOtherAreBothTaken) {
  const auto first = opens("One."), second = opens("Two.");
  const auto says = [&](std::int64_t ticket, std::int64_t other) {
    fresh.agent_notes(ticket, fresh_agent, "This ticket is closed and merged into ticket #" + std::to_string(other), {},
                      clock.at);
  };
  says(first, second);
  says(second, first);
  settle();
  EXPECT_THAT(links(fresh_system, first), testing::Not(IsEmpty()));
  EXPECT_THAT(links(fresh_system, second), testing::Not(IsEmpty()));
}

// It learns the ticket anew as one that was merged long ago. What was said on it had been carried to it, not to the one
// that its words go to now.
TEST_P(Followed, WordsOfAMergedTicketThatARestoredLedgerFindsAreNotSaidAgain) {
  if (GetParam() == store::Engine::postgresql) GTEST_SKIP() << "no copy of a PostgreSQL ledger to go back to";
  const auto first = opens("One.");
  settle();
  const auto copy = scratch / "copy.db";
  ledger->backup(copy);
  clock.at += 2h;
  const auto second = opens("Two.");
  settle();
  zen.agent_replies(twin_of(second), zen_agent, "Please restart the tunnel.", {}, clock.at);
  zen.agent_notes(twin_of(second), zen_agent, "Their contract has ended.", {}, clock.at);
  settle();
  fresh.agent_merges(first, {second}, clock.at);
  settle();
  const auto at_first = fresh.conversations(first).size(), at_second = fresh.conversations(second).size();
  clock.at += 1h;
  restore(copy);
  settle();
  clock.at += 10min;
  settle();
  EXPECT_THAT(fresh.conversations(first), SizeIs(at_first));
  EXPECT_THAT(fresh.conversations(second), SizeIs(at_second));
  EXPECT_THAT(dead(), IsEmpty());
}

// Two automations, one at each desk, that cannot agree.
TEST_P(Ended, AQuarrelOfAutomationsIsCutAfterTwoRounds) {
  const auto id = opens();
  settle();
  const auto twin = twin_of(id);
  const auto robots = [&] {
    if (zen.ticket(twin).priority != "low") {
      zen.agent_sets(
          twin, [](fakes::ZendeskTicket& it) { it.priority = "low"; }, clock.at);
    }
    if (fresh.ticket(id).priority != 4) {
      fresh.agent_changes(
          id, [](fakes::FreshdeskTicket& it) { it.priority = 4; }, clock.at);
    }
  };
  const auto writes = [&] { return zen.audits(twin).size() + fresh.calls("update"); };
  std::size_t before = 0;
  for (int round = 0; round < 12; ++round) {
    before = writes();
    robots();
    pull();
    send_all();
  }
  EXPECT_EQ(writes(), before) << "nobody writes any more";
  std::vector<std::string> winners;
  for (const Conflict& it : listed()) winners.push_back(it.winner);
  EXPECT_THAT(winners, Contains("cut"));
  // Another field goes on, and so does this one once somebody wants a third value.
  zen.agent_tags(twin, "callback", clock.at);
  settle();
  EXPECT_TRUE(fresh.ticket(id).has_tag("callback"));
  EXPECT_EQ(fresh.ticket(id).priority, 4);
  EXPECT_EQ(zen.ticket(twin).priority, "low");
  fresh.agent_changes(
      id, [](fakes::FreshdeskTicket& it) { it.priority = 2; }, clock.at);
  settle();
  EXPECT_EQ(zen.ticket(twin).priority, "normal");
}

// Between our write, which opened the ticket, and the record of its answer, an agent solved it again and a poll saw
// that: the same status as before, but since later.
TEST_P(Ended, WhatIsSolvedAgainWhileItIsOpenedStaysSolved) {
  const auto id = opens();
  settle();
  fresh.set_status(id, 4, clock.at);
  settle();
  clock.at += 1h;
  ledger->write([&](Tx& tx) {
    tickets::Change change;
    change.kind = tickets::EventKind::status;
    change.value = "open";
    const auto ticket = tickets::find_link(tx, fresh_system, std::to_string(id))->ticket;
    kernel.append(tx, {ticket, change, clock.at, "rule", "", "AWS opened it again"}, clock.at);
  });
  clock.at += 1min;
  fresh.set_status(id, 2, clock.at);
  clock.at += 1min;
  fresh.set_status(id, 4, clock.at);
  settle();
  EXPECT_EQ(fresh.ticket(id).status, 4);
  EXPECT_EQ(zen.ticket(twin_of(id)).status, "solved");
}

TEST_P(Ended, WhatWasReadSinceAWriteIsNotForgottenByItsAnswer) {
  const auto id = opens();
  settle();
  const auto twin = twin_of(id);
  fresh.agent_changes(
      id,
      [](auto& it) {
        it.priority = 4;
        it.tags.push_back("callback");
      },
      clock.at);
  pull();
  send_and_read_first([&] {
    clock.at += 1min;
    zen.agent_sets(
        twin,
        [](auto& it) {
          it.priority = "low";
          std::erase(it.tags, "callback");
        },
        clock.at);
  });
  settle();
  EXPECT_EQ(fresh.ticket(id).priority, 1);
  EXPECT_FALSE(fresh.ticket(id).has_tag("callback"));
  fresh.agent_changes(
      id,
      [](auto& it) {
        it.priority = 3;
        it.tags.push_back("callback");
      },
      clock.at);
  settle();
  EXPECT_EQ(zen.ticket(twin).priority, "high");
  EXPECT_TRUE(zen.ticket(twin).has_tag("callback"));
}

// An agent here and a customer there who answer one another within the hour.
TEST_P(Ended, ADialogueIsNoQuarrel) {
  const auto id = opens();
  settle();
  const auto twin = twin_of(id);
  for (int round = 0; round < 5; ++round) {
    clock.at += 5min;
    zen.set_status(twin, "pending", clock.at);
    settle();
    EXPECT_EQ(fresh.ticket(id).status, 3) << round;
    clock.at += 5min;
    fresh.set_status(id, 2, clock.at);
    settle();
    EXPECT_EQ(zen.ticket(twin).status, "open") << round;
  }
  EXPECT_THAT(listed(), IsEmpty());
}

// Which is no value of the desk's at all: it holds back nothing else, at neither desk.
TEST_P(Ended, AValueThatADeskRefusesIsListedAndTheOthersAreWritten) {
  const auto id = opens();
  settle();
  const auto set = [&](tickets::EventKind kind, const std::string& value) {
    tickets::Change change;
    change.kind = kind;
    change.value = value;
    ledger->write([&](Tx& tx) {
      const auto ticket = tickets::find_link(tx, fresh_system, std::to_string(id))->ticket;
      kernel.append(tx, {ticket, change, clock.at, "rule", "", "decision " + std::to_string(++tokens)}, clock.at);
    });
  };
  set(tickets::EventKind::group, "nosuch");
  set(tickets::EventKind::priority, "urgent");
  settle();
  EXPECT_EQ(fresh.ticket(id).priority, 4);
  EXPECT_EQ(zen.ticket(twin_of(id)).priority, "urgent");
  EXPECT_THAT(dead(), IsEmpty());
  std::vector<std::string> fields;
  for (const Conflict& it : listed()) fields.push_back(it.system + " " + it.field + " " + it.winner);
  EXPECT_THAT(fields, testing::UnorderedElementsAre("freshdesk:main group refused", "zendesk:main group refused"));
}

// People who change their minds are no quarrel.
TEST_P(Ended, OneDeskMayChangeItsMindAsOftenAsItLikes) {
  const auto id = opens();
  settle();
  for (int round = 0; round < 6; ++round) {
    fresh.agent_changes(
        id, [&](fakes::FreshdeskTicket& it) { it.priority = round % 2 == 0 ? 4 : 1; }, clock.at);
    settle();
    EXPECT_EQ(zen.ticket(twin_of(id)).priority, round % 2 == 0 ? "urgent" : "low");
  }
  EXPECT_THAT(listed(), IsEmpty());
}

const auto engines = testing::Values(store::Engine::sqlite, store::Engine::postgresql);
const auto name = [](const auto& engine) { return fakes::name_of(engine.param); };
INSTANTIATE_TEST_SUITE_P(, Ended, engines, name);
INSTANTIATE_TEST_SUITE_P(, Followed, engines, name);

}  // namespace
}  // namespace supportd::desk_sync
