// Whose word a field is, and what a desk does not know of another's values.
#include "jobs/desk_sync/operate.hpp"
#include "tests/jobs/desk_sync/two_desks.hpp"

namespace supportd::desk_sync {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

class Owners : public TwoDesks {
 protected:
  using TwoDesks::TwoDesks;
  std::int64_t twin() { return zen.tickets().back().id; }
  void change(std::int64_t id, const std::function<void(fakes::FreshdeskTicket&)>& how) {
    fresh.agent_changes(id, how, clock.at);
    settle();
  }
  std::vector<Conflict> listed() {
    return ledger->read([](Tx& tx) { return conflicts(tx, true, 0, 50); });
  }
  tickets::Ticket ticket(std::int64_t id) {
    return ledger->read(
        [&](Tx& tx) { return tickets::load(tx, tickets::find_link(tx, fresh_system, std::to_string(id))->ticket); });
  }
};

// Only Zendesk itself closes a ticket of its own.
TEST_P(Owners, ATicketClosedAtFreshdeskIsSolvedAtZendesk) {
  const auto id = opens();
  settle();
  change(id, [](fakes::FreshdeskTicket& it) { it.status = 5; });
  EXPECT_EQ(zen.ticket(twin()).status, "solved");
  EXPECT_THAT(listed(), IsEmpty());
}

class LedgerOwns : public Owners {
 protected:
  LedgerOwns() { settings += "[desk_sync.freshdesk.main]\nowner = { priority = \"zendesk:main\" }\n"; }
};

TEST_P(LedgerOwns, WhatAnotherDeskOwnsIsSetBackAndListed) {
  const auto id = opens();
  settle();
  change(id, [](fakes::FreshdeskTicket& it) { it.priority = 4; });
  EXPECT_EQ(fresh.ticket(id).priority, 1);
  EXPECT_EQ(zen.ticket(twin()).priority, "low");
  ASSERT_THAT(listed(), SizeIs(1));
  EXPECT_EQ(listed()[0].winner, "ledger");
  zen.agent_sets(
      twin(), [](fakes::ZendeskTicket& it) { it.priority = "urgent"; }, clock.at);
  settle();
  EXPECT_EQ(fresh.ticket(id).priority, 4);
}

// As where the answer of a write was lost: it is known only later, and the automation seems slow.
TEST_P(LedgerOwns, ARoundThatSeemsSlowForgetsNoneOfAQuarrel) {
  const auto rounds_until_cut = [&](int slow) {
    const auto id = opens();
    settle();
    zen.agent_sets(
        twin(), [](fakes::ZendeskTicket& it) { it.priority = "normal"; }, clock.at);
    settle();
    const auto cuts = [&] { return std::ranges::count(listed(), std::string("cut"), &Conflict::winner); };
    const auto before = cuts();
    int round = 0;
    for (; round < 12 && cuts() == before; ++round) {
      if (round == slow) clock.at += 10min;
      fresh.agent_changes(
          id, [](fakes::FreshdeskTicket& it) { it.priority = 4; }, clock.at);
      pull();
      send_all();
    }
    return round;
  };
  constexpr int never = -1;
  const int all_soon = rounds_until_cut(never);
  EXPECT_LE(all_soon, 4);
  EXPECT_EQ(rounds_until_cut(2), all_soon + 1);
}

class NotGiven : public Owners {
 protected:
  NotGiven() { settings += "[desk_sync.freshdesk.main]\npriority_not_given = [\"1\"]\n"; }
};

// Freshdesk gives every ticket one, low unless somebody chooses.
TEST_P(NotGiven, ADefaultPriorityIsTheLedgersToFind) {
  const auto id = opens();
  pull();
  EXPECT_FALSE(ticket(id).priority);
  ledger->write([&](Tx& tx) {
    tickets::Change found;
    found.kind = tickets::EventKind::priority;
    found.value = "high";
    kernel.append(tx, {ticket(id).id, found, clock.at, "lifecycle", "word: down", "found"}, clock.at);
  });
  settle();
  EXPECT_EQ(fresh.ticket(id).priority, 3);
  EXPECT_EQ(zen.ticket(twin()).priority, "high");
  EXPECT_THAT(listed(), IsEmpty());
  change(id, [](fakes::FreshdeskTicket& it) { it.priority = 1; });
  EXPECT_EQ(ticket(id).priority, tickets::Priority::low) << "whoever sets it later means it";
  EXPECT_EQ(zen.ticket(twin()).priority, "low");
}

// Only the ledger writes that field. It did; the copy is from before.
TEST_P(Owners, WhatARestoredLedgerHasForgottenIsNotSetBack) {
  if (GetParam() != store::Engine::sqlite) GTEST_SKIP() << "copies of PostgreSQL are pg_dump's";
  const std::string field = "cf_aws_support_case_id";
  const auto at_desk = [&](std::int64_t id) { return fresh.ticket(id).fields.at(field); };
  const auto id = opens();
  settle();
  ledger->backup(scratch / "copy.db");
  clock.at += 1h;
  ledger->write([&](Tx& tx) {
    tickets::Change change;
    change.kind = tickets::EventKind::field;
    change.name = field;
    change.value = "case-1";
    kernel.append(tx, {ticket(id).id, change, clock.at, "rule", "", "decision"}, clock.at);
  });
  settle();
  ASSERT_EQ(at_desk(id), "\"case-1\"");
  clock.at += 1h;
  restore(scratch / "copy.db");
  settle();
  EXPECT_EQ(at_desk(id), "\"case-1\"");
  EXPECT_EQ(ticket(id).fields.at(field), "case-1");
  // What people change from now on is set back as ever.
  change(id, [&](fakes::FreshdeskTicket& it) { it.fields[field] = "\"case-2\""; });
  EXPECT_EQ(at_desk(id), "\"case-1\"");
}

// A type that Zendesk does not know, in no table.
TEST_P(Owners, WhatADeskRefusesOfANewTicketKeepsNobodyFromIt) {
  const auto id = fresh.customer_opens(
      {.mail = "kim@acme.example", .subject = "VPN", .text = "help", .tags = {}, .fields = {}, .files = {}}, clock.at);
  fresh.agent_changes(
      id, [](fakes::FreshdeskTicket& it) { it.type = "Question"; }, clock.at);
  settle();
  settle();
  ASSERT_THAT(zen.tickets(), SizeIs(1));
  EXPECT_EQ(zen.ticket(twin()).type, "");
  EXPECT_EQ(ticket(id).type, "Question") << "nobody took it away";
  EXPECT_EQ(fresh.ticket(id).type, "Question");
  const auto dead = ledger->read(
      [](Tx& tx) { return tx.all<std::string>("SELECT error FROM effect WHERE state = 'dead' ORDER BY id"); });
  ASSERT_THAT(dead, SizeIs(1)) << "and somebody is told";
  EXPECT_THAT(dead[0], testing::HasSubstr("type"));
  fresh.customer_replies(id, "anybody?", {}, clock.at);
  settle();
  EXPECT_THAT(said_at_zendesk(twin()), SizeIs(2));
}

class Assigned : public Owners {
 protected:
  void SetUp() override {
    // The ids that the fakes will give.
    settings += "assignee_out = { \"lee@desk.example\" = \"" + std::to_string(agent_of_zendesk) + "\" }\n";
    TwoDesks::SetUp();
  }
  const std::int64_t agent_of_zendesk = [] {
    fakes::Zendesk probe{{}};
    probe.add_api_token("token");
    probe.add_agent("supportd", "bot@desk.example", "admin");
    return probe.add_agent("Grace Moore", "grace@desk.example");
  }();
};

// 이서연 has no user at Zendesk; Grace answers for her there.
TEST_P(Assigned, AnAssigneeGoesByTheTableBothWays) {
  const auto id = opens();
  settle();
  change(id, [&](fakes::FreshdeskTicket& it) { it.responder_id = fresh_agent; });
  EXPECT_EQ(zen.ticket(twin()).assignee_id, zen_agent);
  change(id, [&](fakes::FreshdeskTicket& it) { it.responder_id = 0; });
  EXPECT_EQ(zen.ticket(twin()).assignee_id, 0);
  zen.agent_sets(
      twin(), [&](fakes::ZendeskTicket& it) { it.assignee_id = zen_agent; }, clock.at);
  settle();
  EXPECT_EQ(fresh.ticket(id).responder_id, fresh_agent);
}

fakes::FreshdeskOptions fresh_with_facts() {
  auto out = fresh_options();
  for (const char* field : {"cf_odg_ticket_id", "cf_odg_org_name", "cf_support_tier"}) {
    out.fields.push_back({.name = field});
  }
  return out;
}
fakes::ZendeskOptions zen_with_facts() {
  auto out = zen_options();
  for (const std::int64_t field : {360011, 360012, 360013}) out.fields.push_back({.id = field, .title = "a fact"});
  return out;
}

class Facts : public Owners {
 protected:
  Facts() : Owners(fresh_with_facts(), zen_with_facts()) {
    const auto rule = [&](const std::string& desk, const std::string& field, const std::string& fact) {
      settings += "[[desk_sync." + desk + ".field]]\ndesk = \"" + field + "\"\nledger = \"" + fact + "\"\n";
    };
    rule("zendesk.main", "360011", "ticket.id");
    rule("zendesk.main", "360012", "organisation.name");
    rule("zendesk.main", "360013", "organisation.tier");
    rule("freshdesk.main", "cf_odg_ticket_id", "ticket.id");
    rule("freshdesk.main", "cf_odg_org_name", "organisation.name");
    rule("freshdesk.main", "cf_support_tier", "organisation.tier");
  }
  void SetUp() override {
    TwoDesks::SetUp();
    if (testing::Test::IsSkipped()) return;
    ledger->write([](Tx& tx) { tickets::declare(tx, {{}, "한빛", "enterprise", "Asia/Seoul", "kr", {}}); });
  }
};

// Seed 004's odg_ticket_id, odg_org_name and support_tier, at the desk of the ticket's origin too.
TEST_P(Facts, WhatTheLedgerKnowsStandsInTheDesksFieldsAndNobodyTypesOverIt) {
  const auto id = opens();
  settle();
  const std::string number = std::to_string(ticket(id).id.value);
  EXPECT_EQ(fresh.ticket(id).field("cf_odg_ticket_id"), number);
  EXPECT_EQ(fresh.ticket(id).field("cf_odg_org_name"), "한빛");
  EXPECT_EQ(fresh.ticket(id).field("cf_support_tier"), "enterprise");
  EXPECT_EQ(zen.ticket(twin()).field(360011), number);
  EXPECT_EQ(zen.ticket(twin()).field(360012), "한빛");
  change(id, [](fakes::FreshdeskTicket& it) { it.fields["cf_support_tier"] = "\"gold\""; });
  EXPECT_EQ(fresh.ticket(id).field("cf_support_tier"), "enterprise");
  EXPECT_EQ(zen.ticket(twin()).field(360013), "enterprise");
}

const auto engines = testing::Values(store::Engine::sqlite, store::Engine::postgresql);
const auto name = [](const auto& engine) { return fakes::name_of(engine.param); };
INSTANTIATE_TEST_SUITE_P(, Owners, engines, name);
INSTANTIATE_TEST_SUITE_P(, NotGiven, engines, name);
INSTANTIATE_TEST_SUITE_P(, LedgerOwns, engines, name);
INSTANTIATE_TEST_SUITE_P(, Assigned, engines, name);
INSTANTIATE_TEST_SUITE_P(, Facts, engines, name);

}  // namespace
}  // namespace supportd::desk_sync
