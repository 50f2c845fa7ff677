#include "jobs/aws_cases/sweep.hpp"

#include <gmock/gmock.h>

#include "daemon/store/cursor.hpp"
#include "jobs/tickets/aside.hpp"
#include "tests/jobs/aws_cases/room.hpp"

namespace supportd::aws_cases {
namespace {

using namespace std::chrono_literals;
using store::Tx;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using tickets::Status;

// AWS with an answer now and then that no client should have to read.
class Proxy final : public fakes::Vendor {
 public:
  explicit Proxy(fakes::Vendor& behind) : behind_(behind) {}
  http::Response answer(const http::Request& request, Instant now) override {
    if (instead) {
      if (auto other = instead(request)) return std::move(*other);
    }
    auto out = behind_.answer(request, now);
    for (const auto& [what, with] : replace) {
      for (auto at = out.body.find(what); at != std::string::npos; at = out.body.find(what, at + with.size())) {
        out.body.replace(at, what.size(), with);
      }
    }
    return out;
  }
  http::Response failure(int status, Instant now) override { return behind_.failure(status, now); }
  std::map<std::string, std::string> replace;
  std::function<std::optional<http::Response>(const http::Request&)> instead;

 private:
  fakes::Vendor& behind_;
};

class SweepCases : public Room {
 protected:
  void SetUp() override {
    Room::SetUp();
    if (testing::Test::IsSkipped()) return;
    proxy = std::make_unique<Proxy>(*aws);
    net->route("support.test", *proxy);
  }
  // Rows of cases that exist at AWS, without the work of opening them.
  std::vector<Case> linked(int count, int communications) {
    std::vector<Case> out;
    start("[aws_cases]\ncases_per_account_a_day = 1000\neffects_an_hour = 0\n");
    const auto id = ticket("bulk", "bulk", "bulk");
    for (int i = 0; i < count; ++i) {
      connectors::aws_support::NewCase request;
      request.subject = "case " + std::to_string(i);
      request.body = "begun";
      request.service_code = "general-info";
      request.category_code = "using-aws";
      request.severity_code = "low";
      request.language = "en";
      const auto case_id = daemon->accounts.find(account)->create_case(request, http::Priority::live);
      for (int c = 0; c < communications; ++c) {
        aws->engineer_answers(case_id, "answer " + std::to_string(c), {}, clock.at + Millis{c + 1});
      }
      Case it;
      it.ticket = id;
      it.n = i + 1;
      it.key = "case:link:" + case_id;
      it.state = State::open;
      it.account = account;
      it.case_id = case_id;
      it.ours = false;
      ledger->write([&](Tx& tx) { it.id = add_case(tx, it); });
      out.push_back(std::move(it));
    }
    return out;
  }
  std::unique_ptr<Proxy> proxy;
};

TEST_P(SweepCases, AListSpoiledByAnExpiredCaseIsHalvedUntilItIsFound) {
  std::vector<tickets::TicketId> ids;
  for (int i = 0; i < 9; ++i) ids.push_back(opened(std::to_string(i)));
  Case lost = case_of(ids[4]);
  const std::string real = lost.case_id;
  ledger->write([&](Tx& tx) {
    lost.case_id = "case-of-long-ago";
    save_case(tx, lost);
  });
  aws->engineer_answers(case_of(ids[8]).case_id, "hello", {}, clock.at + 1s);
  later(1min);
  const auto swept = sweep();
  EXPECT_EQ(swept.expired, 1);
  EXPECT_EQ(swept.failed_accounts, 0);
  EXPECT_EQ(case_of(ids[4]).state, State::expired);
  EXPECT_THAT(messages(ids[8], "aws:" + std::string(account)), SizeIs(1));
  EXPECT_EQ(sweep().expired, 0) << "what is expired is asked for no more";
}

TEST_P(SweepCases, OneBadCaseStopsNoOther) {
  const auto bad = opened("1"), good = opened("2");
  later(1min);
  aws->engineer_answers(case_of(bad).case_id, "BROKEN", {}, clock.at);
  aws->engineer_answers(case_of(good).case_id, "fine", {}, clock.at);
  proxy->replace = {{"\"body\":\"BROKEN\"", "\"body\":[1]"}};
  EXPECT_GT(sweep().aside, 0);
  EXPECT_THAT(messages(good, "aws:" + std::string(account)), SizeIs(1));
  EXPECT_THAT(messages(bad, "aws:" + std::string(account)), SizeIs(0));
  EXPECT_THAT(ledger->read([](Tx& tx) { return tickets::list_aside(tx, 10); }), SizeIs(1));
  proxy->replace.clear();
  sweep();
  EXPECT_THAT(messages(bad, "aws:" + std::string(account)), SizeIs(1));
  EXPECT_THAT(ledger->read([](Tx& tx) { return tickets::list_aside(tx, 10); }), SizeIs(0));
}

TEST_P(SweepCases, ATextThatNoDatabaseKeepsStopsNoOther) {
  const auto bad = opened("1"), good = opened("2");
  later(1min);
  aws->engineer_answers(case_of(bad).case_id, "BROKEN", {}, clock.at);
  aws->engineer_answers(case_of(good).case_id, "fine", {}, clock.at);
  proxy->replace = {{"BROKEN", "a\\u0000b"}};
  EXPECT_EQ(sweep().aside, 1);
  EXPECT_THAT(messages(good, "aws:" + std::string(account)), SizeIs(1));
}

// Whoever answers with nothing has not said that there is nothing.
TEST_P(SweepCases, AnEmptyAnswerIsNone) {
  opened();
  proxy->instead = [](const http::Request&) { return http::Response{200, {}, ""}; };
  EXPECT_GT(sweep().failed_accounts, 0);
  EXPECT_GT(recent().failed_accounts, 0);
}

TEST_P(SweepCases, ACaseThatAwsLeavesOutIsAsideUntilItIsTold) {
  const auto lost = opened("1"), told = opened("2");
  const std::string id = case_of(lost).case_id;
  proxy->replace = {{id, "case-" + std::string(account) + "-muen-2026-0000000000000000"}};
  EXPECT_EQ(sweep().aside, 1);
  const auto rows = ledger->read([](Tx& tx) { return tickets::list_aside(tx, 10); });
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(rows[0].remote_id, id);
  EXPECT_EQ(rows[0].error, "AWS left the case out of its answer");
  EXPECT_EQ(case_of(told).aws_status, "opened");
  proxy->replace.clear();
  sweep();
  EXPECT_THAT(ledger->read([](Tx& tx) { return tickets::list_aside(tx, 10); }), SizeIs(0));
}

TEST_P(SweepCases, ARenderingIsAnEditAndNoNewMessage) {
  const auto id = opened();
  later(1min);
  aws->engineer_answers(case_of(id).case_id, "first wording", {}, clock.at);
  sweep();
  proxy->replace = {{"first wording", "second wording"}};
  sweep();
  const auto said = messages(id, "aws:" + std::string(account));
  ASSERT_THAT(said, SizeIs(1));
  EXPECT_EQ(said[0].edits, 1);
  EXPECT_THAT(text(said[0]), HasSubstr("second wording"));
}

TEST_P(SweepCases, AnAnswerThatOurOwnResolvingOvertookReopensNothing) {
  const auto id = opened();
  const Case it = case_of(id);
  const Instant asked = clock.at;
  connectors::aws_support::CaseQuery query;
  query.ids = {it.case_id};
  const auto page = daemon->accounts.find(account)->describe_cases(query, http::Priority::live);
  const Sighting stale{page.cases.at(0), page.cases.at(0).recent, true, true, asked};
  later(1s);
  event(id, tickets::EventKind::status, "solved");
  pump();
  const Absorb absorb(daemon->context, daemon->numbers);
  ledger->write([&](Tx& tx) { absorb(tx, *daemon->context.settings(), it.id, stale, clock.at); });
  EXPECT_EQ(at(id).status, Status::solved);
  EXPECT_EQ(case_of(id).state, State::resolved);
  sweep();
  later(1h);
  sweep();
  EXPECT_EQ(at(id).status, Status::solved);
}

// Two sweeps that asked at one instant, the one before our ResolveCase took effect and the other after it.
TEST_P(SweepCases, OfTwoAnswersOfOneInstantTheSecondReopensNothing) {
  const auto id = opened();
  const Case it = case_of(id);
  event(id, tickets::EventKind::status, "solved");
  connectors::aws_support::CaseQuery query;
  query.ids = {it.case_id};
  auto seen = daemon->accounts.find(account)->describe_cases(query, http::Priority::live).cases.at(0);
  later(1s);
  const Absorb absorb(daemon->context, daemon->numbers);
  for (const char* status : {"resolved", "pending-customer-action"}) {
    seen.status = status;
    const Sighting sighting{seen, seen.recent, true, true, clock.at};
    ledger->write([&](Tx& tx) { absorb(tx, *daemon->context.settings(), it.id, sighting, clock.at); });
  }
  EXPECT_EQ(at(id).status, Status::solved);
  EXPECT_EQ(case_of(id).seen, "") << "it is looked at again";
}

TEST_P(SweepCases, AnUnknownStatusIsData) {
  const auto id = opened();
  aws->set_status(case_of(id).case_id, "escalated-to-mars", clock.at);
  sweep();
  EXPECT_EQ(case_of(id).aws_status, "escalated-to-mars");
  EXPECT_EQ(at(id).status, Status::hold);
}

TEST_P(SweepCases, AFailingAccountDoesNotStopTheOthers) {
  const auto a = opened();
  const auto b = ticket("9", "Lambda", "Lambda times out", "Northwind");
  mark(b);
  pump();
  later(1min);
  aws->engineer_answers(case_of(b).case_id, "hello", {}, clock.at);
  aws->change_plan(account, fakes::SupportPlan::basic);
  const auto swept = sweep();
  EXPECT_EQ(swept.failed_accounts, 1);
  EXPECT_THAT(messages(b, "aws:" + std::string(roled_account)), SizeIs(1));
  EXPECT_EQ(case_of(a).state, State::open);
  const auto parked = ledger->read([](Tx& tx) { return parked_accounts(tx); });
  ASSERT_THAT(parked, SizeIs(1));
  EXPECT_EQ(parked[0].id, account);
}

TEST_P(SweepCases, AThrottledAccountIsGivenUpAndTheOthersGoOn) {
  opened();
  const auto b = ticket("9", "Lambda", "Lambda times out", "Northwind");
  mark(b);
  pump();
  later(1min);
  aws->engineer_answers(case_of(b).case_id, "hello", {}, clock.at);
  proxy->instead = [&](const http::Request& request) -> std::optional<http::Response> {
    if (request.headers.get("Authorization").value_or("").find(key.access_key_id) == std::string::npos) return {};
    return http::Response{400, {}, R"({"__type":"ThrottlingException","message":"Rate exceeded"})"};
  };
  clock.may_wait = true;
  const Instant began = clock.at;
  const auto swept = sweep();
  EXPECT_LE(clock.at, began + 5min);
  EXPECT_EQ(swept.failed_accounts, 1);
  EXPECT_THAT(messages(b, "aws:" + std::string(roled_account)), SizeIs(1));
}

TEST_P(SweepCases, WhoWasSweptLongestAgoComesFirst) {
  std::vector<std::string> asked;
  proxy->instead = [&](const http::Request& request) -> std::optional<http::Response> {
    const bool own = request.headers.get("Authorization").value_or("").find(key.access_key_id) != std::string::npos;
    asked.push_back(own ? account : roled_account);
    return {};
  };
  recent();
  later(2min);
  ledger->write([&](Tx& tx) { store::move_cursor(tx, recent_cursor(account), "", clock.at); });
  later(2min);
  asked.clear();
  recent();
  EXPECT_THAT(asked, ElementsAre(roled_account, account));
}

TEST_P(SweepCases, ARunFailsOfTheAccountsThatFailedAndTellsWhatWasDone) {
  opened();
  later(1min);
  const auto job = std::ranges::find(daemon->jobs, "aws_cases", &run::JobKind::name);
  const auto run_it = [&] {
    const run::Arguments none;
    run::JobContext context{.slot = clock.at,
                            .clock = clock,
                            .stop = {},
                            .ledger = *ledger,
                            .log = daemon->log,
                            .arguments = none,
                            .dry_run = false,
                            .fence = {},
                            .config = daemon->config.get()};
    return job->run(context);
  };
  aws->change_plan(account, fakes::SupportPlan::basic);
  EXPECT_EQ(run_it().counts.at("failed_accounts"), 1) << "without a plan it is parked, which is no failure";
  const auto b = ticket("9", "Lambda", "Lambda times out", "Northwind");
  mark(b);
  proxy->instead = [&](const http::Request&) { return http::Response{503, {}, ""}; };
  ledger->write([&](Tx& tx) { unpark_account(tx, account); });
  try {
    run_it();
    FAIL() << "every account failed";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unreachable);
    EXPECT_THAT(error.what(), HasSubstr("AWS account 111122223333: describe_cases"));
  }
}

TEST_P(SweepCases, ABadFileStopsNoOtherAndIsGivenUpWhenItStaysBad) {
  const auto id = opened();
  later(1min);
  aws->engineer_answers(case_of(id).case_id, "two files", {{"bad.txt", "x"}, {"good.txt", "y"}}, clock.at);
  std::string bad;  // AWS's id
  http::Response answer{500, {}, R"({"__type":"InternalServerError"})"};
  proxy->instead = [&](const http::Request& request) -> std::optional<http::Response> {
    if (request.operation != "describe_attachment") return {};
    if (bad.empty()) bad = request.body;
    return request.body == bad ? std::optional(answer) : std::nullopt;
  };
  const auto files = [&] {
    return ledger->read(
        [&](Tx& tx) { return tickets::attachments_of(tx, messages(id, "aws:" + std::string(account)).at(0).id); });
  };
  for (int round = 0; round < 12; ++round) EXPECT_EQ(sweep().failed_accounts, 1) << "AWS's trouble is the account's";
  ASSERT_THAT(files(), SizeIs(2));
  EXPECT_EQ(files()[0].state, tickets::FileState::wanted) << "while AWS is away nothing is given up";
  EXPECT_EQ(files()[0].tries, 12);
  EXPECT_EQ(files()[1].state, tickets::FileState::held);

  answer = {200, {}, R"({"attachment":{"fileName":"bad.txt","data":"%%%"}})"};
  EXPECT_EQ(sweep().failed_accounts, 0);
  EXPECT_EQ(files()[0].state, tickets::FileState::gone);
  EXPECT_THAT(files()[0].note, HasSubstr("/attachment/data"));
}

TEST_P(SweepCases, AForgottenPermissionLosesNoFileAndNoCase) {
  const auto id = opened();
  later(1min);
  aws->engineer_answers(case_of(id).case_id, "a file", {{"a.txt", "x"}}, clock.at);
  notes(id, "@aws\nthanks");
  bool denied = true;
  proxy->instead = [&](const http::Request& request) -> std::optional<http::Response> {
    if (!denied || request.operation == "describe_cases") return {};
    return http::Response{400, {}, R"({"__type":"AccessDeniedException","message":"not authorized"})"};
  };
  pump();
  EXPECT_EQ(sweep().failed_accounts, 1);
  denied = false;
  later(10min);
  pump();
  EXPECT_EQ(sweep().files, 1);
  EXPECT_THAT(bodies(case_of(id).case_id), testing::Contains(HasSubstr("thanks")));
  EXPECT_THAT(notes_of(id), SizeIs(1)) << "only that the case was opened";
}

TEST_P(SweepCases, ThePlanIsWhatTheSweepThenWrites) {
  const auto id = opened();
  later(1min);
  aws->engineer_answers(case_of(id).case_id, "hello", {{"a.txt", "x"}}, clock.at);
  const auto before = ledger->read([&](Tx& tx) { return tickets::events_of(tx, id).size(); });
  const auto plan = sweep(true).plan;
  EXPECT_THAT(plan, ElementsAre(HasSubstr("message by Amazon Web Services"), HasSubstr("ticket becomes open")));
  EXPECT_EQ(ledger->read([&](Tx& tx) { return tickets::events_of(tx, id).size(); }), before);
  EXPECT_EQ(sweep().messages, 1);
  EXPECT_THAT(sweep(true).plan, SizeIs(0));
}

TEST_P(SweepCases, OldResolvedCasesAreReadOnceADay) {
  const auto id = opened();
  event(id, tickets::EventKind::status, "solved");
  pump();
  sweep();
  later(15 * 24h);
  EXPECT_EQ(sweep().cases, 1) << "the day's turn";
  later(1h);
  EXPECT_EQ(sweep().cases, 0);
  later(24h);
  EXPECT_EQ(sweep().cases, 1);
}

TEST_P(SweepCases, HundredsOfUnchangedCasesCostACallAHundredAndNoRow) {
  auto cases = linked(300, 5);
  later(1s);
  auto first = sweep();
  EXPECT_EQ(first.messages, 300 * 6);
  const auto calls = aws->calls("DescribeCases");
  aws->engineer_answers(cases[7].case_id, "news", {}, clock.at + 1min);
  later(2min);
  const auto commits = ledger->figures().bodies;
  const auto swept = sweep();
  EXPECT_EQ(swept.messages, 1);
  EXPECT_EQ(aws->calls("DescribeCases") - calls, 3);
  EXPECT_EQ(swept.changed, 1);
  EXPECT_EQ(ledger->figures().bodies - commits, 3) << "the changed case and a cursor for each account";
}

TEST_P(SweepCases, LinkedByHandItIsMirroredWholeAndUnlinkedItIsLeftAlone) {
  auto cases = linked(1, 2);
  ledger->write([&](Tx& tx) {
    Case it = cases[0];
    it.state = State::unlinked;
    save_case(tx, it);
  });
  const auto id = at(cases[0].ticket).id;
  EXPECT_EQ(sweep().cases, 0);
  const auto link = [&] {
    ledger->write(
        [&](Tx& tx) { link_case(tx, daemon->context, id, account, cases[0].case_id, "uid 7", "", clock.at); });
  };
  for (const std::string wrong : {"case-444455556666-muen-2013-7118885805350839", "7118885805350839"}) {
    EXPECT_THROW(
        ledger->write([&](Tx& tx) { link_case(tx, daemon->context, id, account, wrong, "uid 7", "", clock.at); }),
        Error)
        << "not of this account: " << wrong;
  }
  link();
  EXPECT_THROW(link(), Error);
  later(1min);
  EXPECT_EQ(sweep().messages, 3);
  notes(id, "@aws\nthanks");
  pump();
  EXPECT_THAT(bodies(cases[0].case_id), SizeIs(4));
  ledger->write([&](Tx& tx) { unlink_case(tx, daemon->context, cases[0].case_id, "uid 7", "mistake", clock.at); });
  EXPECT_EQ(sweep().cases, 0);
}

TEST_P(SweepCases, TheRoutesShowAndRefuseInWords) {
  const auto id = opened();
  const auto ask = [&](const char* method, const char* path, const std::string& body) {
    const auto match = daemon->routes.find(method, path);
    http::Inbound request;
    request.params = match.params;
    request.body = body;
    request.peer.name = "uid 0 (root)";
    return match.route->handler(request);
  };
  EXPECT_THAT(ask("GET", "/api/v1/cases", "").body, HasSubstr(case_of(id).case_id));
  const Case it = case_of(id);
  for (const std::string& name : {it.case_id, it.key, "%23" + std::to_string(it.id.value)}) {
    EXPECT_THAT(ask("GET", ("/api/v1/cases/" + name).c_str(), "").body, HasSubstr("\"effects\":[{")) << name;
  }
  EXPECT_EQ(ask("GET", "/api/v1/cases/1", "").status, 404) << "a bare number is AWS's, never a row of ours";
  sweep();
  EXPECT_FALSE(case_of(id).display_id.empty());
  EXPECT_THAT(ask("GET", ("/api/v1/cases/" + case_of(id).display_id).c_str(), "").body, HasSubstr(it.case_id));
  EXPECT_EQ(ask("GET", "/api/v1/cases/nope", "").status, 404);
  EXPECT_EQ(ask("POST", "/control/cases/approve", "{\"case\":\"#1\"}").status, 409);
  EXPECT_EQ(ask("POST", "/control/cases/link", "{}").status, 400);
  EXPECT_THAT(ask("GET", "/control/cases/plan", "").body, HasSubstr("\"plan\":[],\"troubles\":[]}"));
  proxy->instead = [](const http::Request&) { return http::Response{403, {}, R"({"__type":"AccessDenied"})"}; };
  EXPECT_THAT(ask("GET", "/control/cases/plan", "").body, HasSubstr("\"troubles\":[\"AWS account 111122223333: "))
      << "nothing is no plan where nobody was asked";
  proxy->instead = {};
  EXPECT_EQ(ask("POST", "/control/cases/unlink", "{\"case\":\"" + it.key + "\",\"reason\":\"test\"}").status, 200);
  const std::string again = "{\"ticket\":" + std::to_string(id.value) + ",\"account\":\"" + account +
                            "\",\"case_id\":\"" + it.case_id + "\",\"reason\":\"it was right\"}";
  EXPECT_EQ(ask("POST", "/control/cases/link", again).status, 200);
  EXPECT_THAT(case_of(id).reason, testing::HasSubstr("uid 0 (root): it was right"));
  EXPECT_EQ(daemon->routes.find("GET", "/api/v1/cases").route->access, http::Access::operate) << "customers' words";
}

// What AWS said before it was asked last answers nothing.
TEST_P(SweepCases, AnAnswerFromBeforeOurLastWordLeavesTheCaseWaiting) {
  const auto id = opened();
  later(1h);
  aws->engineer_answers(case_of(id).case_id, "which region?", {}, clock.at);
  sweep();
  EXPECT_FALSE(case_of(id).waiting);
  later(1h);
  aws->engineer_answers(case_of(id).case_id, "and which zone?", {}, clock.at);
  later(1s);
  notes(id, "@aws\nSeoul");
  pump();
  const Instant asked = clock.at;
  later(1min);
  sweep();
  EXPECT_EQ(case_of(id).waiting, asked);
}

TEST_P(SweepCases, TheNumbersAreThere) {
  opened();
  sweep();
  later(10min);
  const auto all = daemon->metrics.text();
  EXPECT_THAT(all, HasSubstr("supportd_aws_cases{severity=\"normal\",status=\"opened\"} 1"));
  EXPECT_THAT(all, HasSubstr("supportd_aws_cases_created_total{severity=\"normal\"} 1"));
  EXPECT_THAT(all, HasSubstr("supportd_aws_cases_oldest_waiting_seconds 600"));
  EXPECT_THAT(all, HasSubstr("supportd_aws_cases_sweep_age_seconds{account=\"111122223333\"} 600"));
  const auto fact = [&](const std::vector<std::string>& accounts) {
    return ledger->read([&](Tx& tx) { return oldest_sweep(tx, accounts, clock.at); });
  };
  EXPECT_EQ(fact({account, roled_account}), "account 111122223333 10m ago");
  EXPECT_EQ(fact({account, "999999999999"}), "account 999999999999 not yet");
}

TEST_P(SweepCases, NoSweepIsBegunWhileNoAccountMayBeAsked) {
  std::vector<http::BudgetRule> rules;
  for (const auto& id : daemon->accounts.ids()) {
    rules.push_back({.name = connectors::aws_support::budget_name(id), .count = 10});
  }
  daemon->budgets.reconfigure(rules);
  for (const auto& rule : rules) daemon->budgets.observe(rule.name, {}, 10min);
  for (const char* name : {"aws_cases", "aws_cases_recent"}) {
    const auto kind = std::ranges::find(daemon->jobs, std::string(name), &run::JobKind::name);
    ASSERT_NE(kind, daemon->jobs.end()) << name;
    EXPECT_FALSE(kind->affordable()) << name;
  }
  later(5min);
  for (const auto& kind : daemon->jobs) EXPECT_TRUE(!kind.affordable || kind.affordable()) << kind.name;
}

INSTANTIATE_TEST_SUITE_P(Engines, SweepCases, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });

}  // namespace
}  // namespace supportd::aws_cases
