// What an operator sees and decides: differences, plans, conflicts.
#include "jobs/desk_sync/operate.hpp"

#include "daemon/store/audit.hpp"
#include "jobs/tickets/routes.hpp"
#include "tests/jobs/desk_sync/two_desks.hpp"

namespace supportd::desk_sync {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

TEST(Standings, SayWhatBecomesOfEachDifference) {
  Snapshot agreed;
  agreed.status = "2";
  agreed.priority = "1";
  agreed.tags = {"a", "b"};
  Snapshot desk = agreed, ledger = agreed;
  EXPECT_THAT(standings(agreed, desk, ledger, freshdesk_mapping()), IsEmpty());
  desk.status = "3";
  ledger.priority = "4";
  desk.tags = {"a", "b", "c"};
  ledger.tags = {"b"};
  const auto found = standings(agreed, desk, ledger, freshdesk_mapping());
  ASSERT_THAT(found, SizeIs(3));
  EXPECT_EQ(found[0].outcome, "the next read takes the desk's");
  EXPECT_EQ(found[1].outcome, "the next write gives the desk the ledger's");
  EXPECT_EQ(found[2].outcome, "together: b c");
  ledger.status = "4";
  EXPECT_EQ(standings(agreed, desk, ledger, freshdesk_mapping())[0].outcome, "both changed it: the later change wins");
}

class Operate : public TwoDesks {
 protected:
  Operate() { settings += "[desk_sync.freshdesk.main]\nowner = { priority = \"desk\" }\n"; }
  http::Response ask(const std::string& method, const std::string& path,
                     std::map<std::string, std::string> query = {}) {
    const auto match = routes.find(method, path);
    http::Inbound in;
    in.params = match.params;
    in.query = std::move(query);
    in.peer = {true, 0, "uid 0 (root)"};
    return match.route->handler(in);
  }
  tickets::TicketId id_of(std::int64_t remote) {
    return ledger->read([&](Tx& tx) { return tickets::find_link(tx, fresh_system, std::to_string(remote))->ticket; });
  }
  tickets::Ticket at(std::int64_t remote) {
    return ledger->read([&](Tx& tx) { return tickets::load(tx, id_of(remote)); });
  }
  void decide(std::int64_t remote, tickets::EventKind kind, const std::string& value) {
    tickets::Change change;
    change.kind = kind;
    change.value = value;
    ledger->write([&](Tx& tx) {
      kernel.append(tx, {id_of(remote), change, clock.at, "rule", "", "decision " + std::to_string(++tokens)},
                    clock.at);
    });
  }
  // Both sides change the priority before either hears of the other: the desk owns it.
  std::int64_t conflict() {
    const auto remote = opens();
    settle();
    clock.at += 1min;
    fresh.agent_changes(
        remote, [](fakes::FreshdeskTicket& it) { it.priority = 3; }, clock.at);
    decide(remote, tickets::EventKind::priority, "urgent");
    pull();
    return remote;
  }
  std::vector<Conflict> listed() {
    return ledger->read([](Tx& tx) { return conflicts(tx, false, 0, 10); });
  }
};

TEST_P(Operate, ADiffReadsTheDesksAndSaysWhatFollows) {
  const auto remote = opens();
  settle();
  const std::string path = "/control/sync/" + std::to_string(id_of(remote).value) + "/diff";
  EXPECT_THAT(ask("GET", path).body, Not(HasSubstr("\"field\"")));
  fresh.agent_changes(
      remote, [](fakes::FreshdeskTicket& it) { it.priority = 3; }, clock.at);
  EXPECT_THAT(
      ask("GET", path).body,
      HasSubstr("{\"field\":\"priority\",\"agreed\":\"1\",\"desk\":\"3\",\"ledger\":\"1\",\"outcome\":\"the next "
                "read takes the desk's\"}"));
  EXPECT_THROW(ask("GET", "/control/sync/999/diff"), Error);
}

TEST_P(Operate, APlanIsWhatTheOpenWritesWouldSend) {
  const auto remote = opens();
  settle();
  EXPECT_THAT(ask("GET", "/control/sync/plan").body, HasSubstr("\"plan\":[]"));
  decide(remote, tickets::EventKind::status, "pending");
  EXPECT_THAT(ask("GET", "/control/sync/plan").body, HasSubstr("status \\\"2\\\" -> \\\"3\\\""));
  fresh.customer_replies(remote, "It flaps again.", {}, clock.at);
  pull();
  EXPECT_THAT(ask("GET", "/control/sync/plan").body, HasSubstr("): a comment by 김민준: It flaps again.\""));
  send_all();
  EXPECT_EQ(fresh.ticket(remote).status, 3);
  EXPECT_THAT(ask("GET", "/control/sync/plan").body, HasSubstr("\"plan\":[]"));
}

TEST_P(Operate, AConflictIsListedAndMayBeDecidedTheOtherWay) {
  const auto remote = conflict();
  ASSERT_THAT(listed(), SizeIs(1));
  EXPECT_EQ(listed()[0].winner, "desk");
  EXPECT_EQ(at(remote).priority, tickets::Priority::high);
  const std::string path = "/control/sync/conflicts/" + std::to_string(listed()[0].id) + "/resolve";
  EXPECT_THROW(ask("POST", path, {{"winner", "nobody"}}), Error);
  decide(remote, tickets::EventKind::priority, "urgent");
  ask("POST", path, {{"winner", "ledger"}, {"reason", "the customer is down"}});
  settle();
  EXPECT_EQ(fresh.ticket(remote).priority, 4);
  EXPECT_THAT(listed(), IsEmpty());
  EXPECT_THROW(ask("POST", path, {{"winner", "desk"}}), Error) << "once";
  const auto audit = ledger->read([](Tx& tx) { return store::audit_tail(tx, 1); });
  EXPECT_EQ(audit.at(0).entry.action, "sync.resolve");
}

TEST_P(Operate, TheHistoryOfAFieldSaysFromWhereItCame) {
  const auto remote = conflict();
  const std::string body =
      ask("GET", "/api/v1/sync/" + std::to_string(id_of(remote).value) + "/history", {{"field", "priority"}}).body;
  EXPECT_THAT(body, HasSubstr("\"value\":\"high\""));
  EXPECT_THAT(body, HasSubstr("\"from\":\"freshdesk:main\""));
  EXPECT_THAT(body, HasSubstr("\"winner\":\"desk\""));
  EXPECT_THAT(body, Not(HasSubstr("\"status\"")));
}

class Newest : public Operate {
 protected:
  Newest() {
    const auto at = settings.find("priority = \"desk\"");
    settings.replace(at, 17, "priority = \"newest\"");
  }
  // What is said of the value: as each is listed, oldest first.
  std::vector<std::string> reasons(std::int64_t remote) {
    const std::string body =
        ask("GET", "/api/v1/sync/" + std::to_string(id_of(remote).value) + "/history", {{"field", "priority"}}).body;
    const auto document = json::Document::parse(body);
    std::vector<std::string> out;
    for (const json::View& change : document.root().at("changes").items()) out.push_back(change.at("rule").string());
    return out;
  }
  void sets_high(std::int64_t remote) {
    fresh.agent_changes(
        remote, [](fakes::FreshdeskTicket& it) { it.priority = 3; }, clock.at);
  }
};

TEST_P(Newest, AnExplanationNamesTheRuleAndWhatItOverruled) {
  const auto remote = opens();
  settle();
  decide(remote, tickets::EventKind::priority, "urgent");
  clock.at += 1min;
  sets_high(remote);
  pull();
  EXPECT_THAT(reasons(remote), ElementsAre("only this side had changed it",
                                           "decided by rule; overruled by freshdesk:main: the later change wins",
                                           "both sides had changed it: the later change wins"));
}

TEST_P(Newest, AnExplanationNamesWhatAValueWithstood) {
  const auto remote = opens();
  settle();
  sets_high(remote);
  clock.at += 1min;
  decide(remote, tickets::EventKind::priority, "urgent");
  pull();
  EXPECT_THAT(reasons(remote),
              ElementsAre("only this side had changed it",
                          "decided by rule; it stands against '3' of freshdesk:main: the later change wins"));
}

TEST_P(Newest, ATieIsToldApart) {
  const auto remote = opens();
  settle();
  sets_high(remote);
  decide(remote, tickets::EventKind::priority, "urgent");
  pull();
  EXPECT_EQ(reasons(remote).back(), "both sides had changed it: both within the skew, where the side of tie wins");
}

TEST_P(Operate, AnExplanationNamesTheOwner) {
  const auto remote = conflict();
  const std::string body =
      ask("GET", "/api/v1/sync/" + std::to_string(id_of(remote).value) + "/history", {{"field", "priority"}}).body;
  EXPECT_THAT(body, HasSubstr("\"rule\":\"both sides had changed it: freshdesk:main owns the field\""));
  EXPECT_THAT(body,
              HasSubstr("\"rule\":\"decided by rule; overruled by freshdesk:main: freshdesk:main owns the field\""));
}

TEST_P(Operate, ADiffSaysThatATicketTakesNoPartAnyMore) {
  const auto remote = opens();
  settle();
  fresh.agent_tags(remote, "internal", clock.at);
  decide(remote, tickets::EventKind::status, "pending");
  pull();
  const std::string path = "/control/sync/" + std::to_string(id_of(remote).value) + "/diff";
  EXPECT_THAT(ask("GET", path).body, HasSubstr("stays: the rule takes the ticket no more (takes_part)"));
  EXPECT_THAT(ask("GET", "/control/sync/plan").body, Not(HasSubstr("zendesk:main")));
}

TEST_P(Operate, TheLedgersValueComesBackWhenSomebodyDecidesSo) {
  const auto remote = conflict();
  send_all();
  const auto conflict_id = listed().at(0).id;
  ASSERT_EQ(listed().at(0).winner, "desk");
  ask("POST", "/control/sync/conflicts/" + std::to_string(conflict_id) + "/resolve", {{"winner", "ledger"}});
  settle();
  EXPECT_EQ(at(remote).priority, tickets::Priority::urgent);
  EXPECT_EQ(fresh.ticket(remote).priority, 4);
}

TEST_P(Operate, WhatIsSetHereGoesToTheDesks) {
  tickets::add_routes(routes, *ledger, kernel, clock);
  const auto remote = opens();
  settle();
  const std::string path = "/control/tickets/" + std::to_string(id_of(remote).value) + "/set";
  const auto said =
      ask("POST", path, {{"status", "solved"}, {"tag", "by-phone,b"}, {"untag", "vip"}, {"reason", "asked"}});
  EXPECT_THAT(said.body, HasSubstr("{\"changed\":\"status = solved, tags +by-phone +b -vip\","));
  settle();
  EXPECT_EQ(fresh.ticket(remote).status, 4);
  EXPECT_THAT(fresh.ticket(remote).tags, testing::UnorderedElementsAre("b", "by-phone"));
  EXPECT_THAT(ask("POST", path, {{"status", "solved"}}).body, HasSubstr("{\"changed\":\"\","));
  ask("POST", path, {{"status", "closed"}});
  EXPECT_THROW(ask("POST", path, {{"status", "open"}}), Error) << "closed for good";
  for (const auto& [name, value] : {std::pair{"status", "done"}, {"priority", "P1"}, {"colour", "red"}}) {
    EXPECT_THROW(ask("POST", path, {{name, value}}), Error) << name;
  }
  EXPECT_THROW(ask("POST", path), Error) << "nothing to set";
  EXPECT_EQ(ledger->read([](Tx& tx) { return tx.one<std::int64_t>("SELECT count(*) FROM audit"); }), 2);
  decide(remote, tickets::EventKind::deleted, "");
  EXPECT_THROW(ask("POST", path, {{"priority", "low"}}), Error) << "deleted";
}

TEST_P(Operate, APlanSaysWhatIsDeadAndWhatADeskDidNotShow) {
  const auto remote = opens();
  settle();
  decide(remote, tickets::EventKind::status, "pending");
  faults.next(fakes::Fault::error_500,
              [](const http::Request& request) { return request.url.find("acme.freshdesk.com") != std::string::npos; });
  const std::string body = ask("GET", "/control/sync/plan").body;
  EXPECT_THAT(body, HasSubstr("\"trouble\":[\"freshdesk:main " + std::to_string(remote)));
  EXPECT_THAT(body, HasSubstr("\"dead\":0}"));
  ledger->write([](Tx& tx) { tx.exec("UPDATE effect SET state = 'dead' WHERE state = 'queued'"); });
  EXPECT_EQ(ask("GET", "/control/sync/plan").body, "{\"plan\":[],\"words\":[],\"trouble\":[],\"dead\":2}");
}

TEST_P(Operate, DriftSaysWhenADeskWasVerified) {
  const auto of_fresh = [&] { return ask("GET", "/api/v1/sync/drift", {{"system", fresh_system}}).body; };
  EXPECT_EQ(of_fresh(), R"({"verified":[{"system":"freshdesk:main","at":null}],"drift":[]})");
  pull();
  run_job("desk_verify", {{"comments", "no"}});
  EXPECT_EQ(of_fresh(),
            R"({"verified":[{"system":"freshdesk:main","at":")" + time::to_text(clock.at) + R"("}],"drift":[]})");
  EXPECT_THROW(ask("GET", "/api/v1/sync/drift", {{"system", "freshdesk:mian"}}), Error);
}

INSTANTIATE_TEST_SUITE_P(, Newest, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });
INSTANTIATE_TEST_SUITE_P(, Operate, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });

}  // namespace
}  // namespace supportd::desk_sync
