#include "jobs/desk_sync/slice.hpp"

#include "connectors/freshdesk/section.hpp"
#include "tests/jobs/desk_sync/room.hpp"

namespace supportd::desk_sync {
namespace {

TEST_P(SliceTest, ATicketArrivesWithItsPeopleAndWords) {
  const auto id = customer_opens("첫 줄\n둘째 줄");
  fake.agent_notes(id, agent, "내부 메모", {}, clock.at);
  fake.customer_replies(id, "추가 설명", {}, clock.at);
  pull();
  const auto t = ticket(id);
  EXPECT_EQ(t.subject, "VPC");
  EXPECT_EQ(t.status, tickets::Status::open);
  EXPECT_TRUE(t.has_tag("vip"));
  const auto said = messages(id);
  ASSERT_EQ(said.size(), 3u);
  EXPECT_EQ(said[0].author, tickets::Author::customer);
  EXPECT_EQ(said[0].visibility, tickets::Visibility::public_reply);
  EXPECT_EQ(said[1].visibility, tickets::Visibility::private_note);
  EXPECT_EQ(said[1].author_name, "이서연");
  EXPECT_EQ(said[2].author, tickets::Author::customer);
  ledger->read([&](Tx& tx) {
    EXPECT_EQ(tickets::text_of(tx, said[0]), "첫 줄\n둘째 줄");
    EXPECT_EQ(tickets::find_person(tx, *t.requester)->mail, "kim@acme.example");
    EXPECT_EQ(tickets::find_organisation(tx, *t.organisation)->name, "한빛");
  });
  EXPECT_EQ(send_all(), 0) << "what the desk did is not owed to the desk";
}

TEST_P(SliceTest, AnUnchangedPageWritesNothing) {
  customer_opens();
  pull();
  const auto before = ledger->read([](Tx& tx) { return *tx.one<std::int64_t>("SELECT count(*) FROM ticket_event"); });
  const auto report = pull();
  EXPECT_EQ(report.counts.at("created") + report.counts.at("changes") + report.counts.at("messages"), 0);
  EXPECT_EQ(ledger->read([](Tx& tx) { return *tx.one<std::int64_t>("SELECT count(*) FROM ticket_event"); }), before);
}

TEST_P(SliceTest, AReadToTheEndIsNotedOnceAfterAStart) {
  const auto read = [&] { return ledger->read([&](Tx& tx) { return store::find_cursor(tx, "read:" + desk_name); }); };
  EXPECT_FALSE(read());
  customer_opens();
  pull();
  const Instant first = read()->moved;
  EXPECT_GE(first, start);
  pull();
  EXPECT_EQ(read()->moved, first) << "and writes nothing at every poll";
}

TEST_P(SliceTest, WhatTheLedgerDecidesReachesTheDeskInOneWrite) {
  const auto id = customer_opens();
  pull();
  decide(id, EventKind::status, "hold");
  decide(id, EventKind::tags, "aws-support-case");
  decide(id, EventKind::field, "case-1", "cf_aws_support_case_id");
  const int updates = fake.calls("update");
  EXPECT_EQ(send_all(), 1);
  EXPECT_EQ(fake.calls("update") - updates, 1);
  const auto there = fake.ticket(id);
  EXPECT_EQ(there.status, 3);
  EXPECT_EQ(there.tags, (std::vector<std::string>{"aws-support-case", "vip"}));
  pull();
  EXPECT_EQ(ticket(id).status, tickets::Status::hold) << "our own change coming back is not news";
  EXPECT_EQ(send_all(), 0);
}

TEST_P(SliceTest, ADeletedTicketIsAFactAndNothingIsSentThereAnyMore) {
  const auto id = customer_opens();
  pull();
  say(id, "too late");
  clock.at += 5s;
  fake.agent_deletes(id, clock.at);
  for (int i = 0; i < 3; ++i) pull();
  EXPECT_TRUE(ticket(id).deleted);
  EXPECT_EQ(send_all(), 0);
  ledger->read([&](Tx& tx) {
    outbox::Filter dead;
    dead.states = {outbox::State::dead};
    EXPECT_EQ(outbox.list(tx, dead).size(), 1u);
  });
}

TEST_P(SliceTest, AnEditedNoteIsRecordedNotMirrored) {
  const auto id = customer_opens();
  const auto note = fake.agent_notes(id, agent, "first", {}, clock.at);
  pull();
  clock.at += 5s;
  fake.agent_edits_note(note, "second", clock.at);
  pull();
  const auto said = messages(id);
  ASSERT_EQ(said.size(), 2u);
  EXPECT_EQ(said[1].edits, 1);
  EXPECT_EQ(ledger->read([&](Tx& tx) { return tickets::text_of(tx, said[1]); }), "second");
}

TEST_P(SliceTest, ABrokenPageKeepsTheCursor) {
  customer_opens("one");
  for (const auto fault : {fakes::Fault::not_json, fakes::Fault::half_page}) {
    faults.next(fault, [](const http::Request& r) { return r.url.find("updated_since") != std::string::npos; });
    EXPECT_THROW(pull(), Error);
    EXPECT_FALSE(ledger->read([](Tx& tx) { return store::find_cursor(tx, "desk_sync:" + desk_name); }));
  }
  pull();
  EXPECT_EQ(ledger->read([](Tx& tx) { return tickets::list(tx, {}).size(); }), 1u);
}

TEST_P(SliceTest, ARowThatCannotBeKeptIsSetAsideAndReadAgain) {
  kernel.react("spoiler", [this](Tx&, const tickets::Happening& h, Instant) {
    if (spoil && h.event.change.kind == EventKind::tags) throw Error(ErrorKind::corrupt, "spoilt");
  });
  spoil = true;
  const auto bad = customer_opens("bad");
  auto report = pull();
  EXPECT_EQ(report.counts.at("aside"), 1);
  EXPECT_EQ(ledger->read([](Tx& tx) { return tickets::list(tx, {}).size(); }), 0u) << "nothing of it is half there";
  const auto rows = ledger->read([](Tx& tx) { return tickets::list_aside(tx, 10); });
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].remote_id, std::to_string(bad));
  EXPECT_EQ(rows[0].error, "spoilt");
  spoil = false;
  clock.at += 2min;
  pull();
  EXPECT_EQ(ticket(bad).subject, "VPC");
  EXPECT_TRUE(ledger->read([](Tx& tx) { return tickets::list_aside(tx, 10).empty(); }));
}

// A desk where a private note leaves the ticket's time alone.
class SilentNotes : public SliceTest {
 protected:
  SilentNotes() : SliceTest(silent()) {}
  static fakes::FreshdeskOptions silent() {
    auto out = options();
    out.note_moves_updated_at = false;
    return out;
  }
};

TEST_P(SilentNotes, LinkedTicketsAreReadAgain) {
  const auto id = customer_opens();
  pull();
  ledger->write([&](Tx& tx) { store::keep_finding(tx, {desk_name, "note_moves_updated_at", "no", clock.at}); });
  clock.at += 2h;
  fake.agent_notes(id, agent, "moves nothing", {}, clock.at);
  pull();
  EXPECT_EQ(messages(id).size(), 2u) << "the first look of the cycle comes at once";
  fake.agent_notes(id, agent, "nor does this", {}, clock.at);
  pull();
  EXPECT_EQ(messages(id).size(), 2u) << "then once an hour";
  clock.at += 2h;
  pull();
  EXPECT_EQ(messages(id).size(), 3u);
}

TEST_P(SliceTest, APersonWhoIsGoneStopsNobody) {
  const auto id = customer_opens();
  const auto leaver = fake.add_agent("박지훈", "park@desk.example");
  fake.agent_notes(id, leaver, "my last note", {}, clock.at);
  fake.purge_person(leaver);
  const auto other = customer_opens("another");
  EXPECT_EQ(pull().counts.at("created"), 2);
  EXPECT_EQ(messages(id).size(), 2u);
  EXPECT_EQ(ticket(other).subject, "VPC");
  fake.agent_notes(other, agent, "all goes on", {}, clock.at += 1min);
  pull();
  EXPECT_EQ(messages(other).size(), 2u);
}

TEST_P(SliceTest, ATicketThatWasPurgedIsDeletedAndTheCycleGoesOn) {
  ledger->write([&](Tx& tx) { store::keep_finding(tx, {desk_name, "note_moves_updated_at", "no", clock.at}); });
  const auto lost = customer_opens(), kept = customer_opens();
  pull();
  fake.purge_ticket(lost);
  clock.at += 2h;
  pull();
  EXPECT_TRUE(ticket(lost).deleted);
  EXPECT_FALSE(ticket(kept).deleted);
}

TEST_P(SliceTest, ADryRunCountsTheSameAndKeepsNothing) {
  customer_opens();
  const auto rehearsed = pull(true);
  EXPECT_EQ(rehearsed.counts.at("created"), 1);
  EXPECT_TRUE(ledger->read([](Tx& tx) { return tickets::list(tx, {}).empty(); }));
  const auto done = pull();
  EXPECT_EQ(done.counts, rehearsed.counts);
  EXPECT_EQ(ledger->read([](Tx& tx) { return tickets::list(tx, {}).size(); }), 1u);
}

class NoBaseline : public SliceTest {
 protected:
  NoBaseline() { settings = "[desk_sync]\n"; }
};
INSTANTIATE_TEST_SUITE_P(, NoBaseline, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& param) { return fakes::name_of(param.param); });

TEST_P(NoBaseline, WhatCameBetweenTheFirstStartAndTheFirstRunCounts) {
  const auto id = customer_opens();
  clock.at += 5min;
  pull();
  EXPECT_EQ(ticket(id).subject, "VPC");
}

TEST_P(SliceTest, ACommentThatCannotBeReadIsReadAgainUntilItCan) {
  const auto id = customer_opens();
  pull();
  fake.agent_notes(id, agent, "unreadable at first", {}, clock.at += 1min);
  proxy.garble = [](std::string body) {
    const auto at = body.find("\"private\":true");
    return at == body.npos ? body : body.replace(at, 14, "\"private\":\"?\"");
  };
  pull();
  EXPECT_EQ(messages(id).size(), 1u);
  auto aside = ledger->read([](Tx& tx) { return tickets::list_aside(tx, 10); });
  ASSERT_EQ(aside.size(), 1u);
  EXPECT_NE(aside[0].raw.find("unreadable at first"), std::string::npos);
  proxy.garble = {};
  clock.at += 2min;
  pull();
  EXPECT_EQ(messages(id).size(), 2u);
  EXPECT_TRUE(ledger->read([](Tx& tx) { return tickets::list_aside(tx, 10).empty(); }));
}

TEST_P(SliceTest, WhoSomebodyIsIsAskedAgainAfterADay) {
  const auto contact = fake.add_contact("Minjun", "minjun@old.example", fake.add_company("Old", "old.example"));
  const auto id = fake.customer_opens(
      {.mail = "minjun@old.example", .subject = "VPC", .text = "help", .tags = {}, .fields = {}, .files = {}},
      clock.at);
  pull();
  const auto person = [&] {
    return ledger->read([&](Tx& tx) { return *tickets::find_person(tx, *tickets::load(tx, ticket(id).id).requester); });
  };
  const auto organisation = [&](const tickets::Person& of) {
    return ledger->read([&](Tx& tx) { return tickets::find_organisation(tx, of.organisation.value())->name; });
  };
  EXPECT_EQ(organisation(person()), "Old");
  fake.change_contact({contact, "Minjun Kim", "minjun@new.example", fake.add_company("New", "new.example")});
  const int asked = fake.calls("contacts");
  fake.customer_replies(id, "still", {}, clock.at);
  pull();
  EXPECT_EQ(fake.calls("contacts"), asked);
  clock.at += 25h;
  fake.customer_replies(id, "and still", {}, clock.at);
  pull();
  EXPECT_EQ(person().name, "Minjun Kim");
  EXPECT_EQ(person().mail, "minjun@new.example");
  EXPECT_EQ(organisation(person()), "New");
}

TEST_P(SliceTest, APollIsNotBegunWhileNoDeskMayBeAsked) {
  const auto poll = std::ranges::find(jobs, std::string("desk_sync"), &run::JobKind::name);
  ASSERT_NE(poll, jobs.end());
  budgets.reconfigure(connectors::freshdesk::budget_rules("main", {}));
  EXPECT_TRUE(poll->affordable());
  budgets.observe(desk_name, {}, 10min);
  EXPECT_FALSE(poll->affordable());
  clock.at += 10min - 30s;
  EXPECT_TRUE(poll->affordable()) << "its calls wait half a minute";
}

TEST_P(SliceTest, APollIsNotBegunWhileNoDeskMayBeListed) {
  const auto poll = std::ranges::find(jobs, std::string("desk_sync"), &run::JobKind::name);
  ASSERT_NE(poll, jobs.end());
  budgets.reconfigure(connectors::freshdesk::budget_rules("main", {}));
  EXPECT_TRUE(poll->affordable());
  budgets.observe(desk_name + connectors::freshdesk::family::list, {}, 10min);
  EXPECT_FALSE(poll->affordable());
}

// So is what their company is called; the tickets stay its own.
TEST_P(SliceTest, WhatACompanyIsCalledIsAskedAgainAfterADay) {
  const auto company = fake.add_company("Old", "old.example");
  fake.add_contact("Minjun", "minjun@old.example", company);
  const auto id = fake.customer_opens(
      {.mail = "minjun@old.example", .subject = "VPC", .text = "help", .tags = {}, .fields = {}, .files = {}},
      clock.at);
  pull();
  const auto before = ticket(id).organisation;
  ASSERT_TRUE(before);
  std::vector<tickets::OrganisationId> renamed;
  kernel.when_renamed([&](Tx&, tickets::OrganisationId it, Instant) { renamed.push_back(it); });
  fake.rename_company(company, "New");
  clock.at += 25h;
  fake.customer_replies(id, "still", {}, clock.at);
  pull();
  EXPECT_EQ(ticket(id).organisation, before);
  EXPECT_EQ(ledger->read([&](Tx& tx) { return tickets::find_organisation(tx, *before)->name; }), "New");
  EXPECT_EQ(renamed, std::vector{*before});
}

INSTANTIATE_TEST_SUITE_P(, SilentNotes, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& param) { return fakes::name_of(param.param); });
INSTANTIATE_TEST_SUITE_P(, SliceTest, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& param) { return fakes::name_of(param.param); });

}  // namespace
}  // namespace supportd::desk_sync
