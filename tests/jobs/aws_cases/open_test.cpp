#include <gmock/gmock.h>

#include "daemon/store/finding.hpp"
#include "jobs/aws_cases/slice.hpp"
#include "tests/jobs/aws_cases/room.hpp"

namespace supportd::aws_cases {
namespace {

using namespace std::chrono_literals;
using store::Tx;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::SizeIs;
using tickets::EventKind;
using tickets::Status;

class OpenCase : public Room {};

TEST_P(OpenCase, AMarkedTicketGetsOneCaseAndSaysSo) {
  const auto id = ticket("7", "VPC 피어링 연결이 끊어집니다", "VPC 피어링을 통한 통신이 5분마다 끊어집니다.");
  pump();
  EXPECT_THAT(aws_cases(), SizeIs(0));
  mark(id);
  pump();
  ASSERT_THAT(aws_cases(), SizeIs(1));
  const auto made = aws_cases().front();
  EXPECT_EQ(made.account, account);
  EXPECT_EQ(made.service, "amazon-virtual-private-cloud");
  EXPECT_EQ(made.category, "network-connectivity");
  EXPECT_EQ(made.severity, "normal");
  EXPECT_EQ(made.language, "ko");
  EXPECT_THAT(made.cc, SizeIs(0));
  EXPECT_THAT(made.subject, EndsWith(" [" + outbox::ref_of("case:freshdesk:main:7:1") + "]"));
  EXPECT_THAT(made.communications.front().body, HasSubstr("5분마다"));
  EXPECT_THAT(made.communications.front().body, HasSubstr("freshdesk:main #7"));

  const auto after = at(id);
  EXPECT_EQ(after.field("cf_aws_support_case_id"), made.id);
  EXPECT_EQ(after.status, Status::hold);
  EXPECT_TRUE(after.has_tag("aws-support-case") && after.has_tag("escalated"));
  ASSERT_THAT(notes_of(id), SizeIs(1));
  EXPECT_THAT(notes_of(id).front(), HasSubstr(made.id));
  EXPECT_THAT(notes_of(id).front(), HasSubstr("KST"));
  EXPECT_EQ(case_of(id).state, State::open);

  // One at a time: marking again changes nothing, and the first communication is no news.
  unmark(id);
  mark(id);
  sweep();
  pump();
  EXPECT_THAT(aws_cases(), SizeIs(1));
  EXPECT_THAT(messages(id, "aws:" + std::string(account)), SizeIs(0));
}

TEST_P(OpenCase, AFieldMarksATicketToo) {
  start("[aws_cases]\nfield = \"cf_escalate\"\nfield_values = [\"to AWS\"]\n");
  const auto id = ticket("7", "VPN", "The tunnel is down.");
  event(id, EventKind::field, "nobody", "cf_escalate");
  pump();
  EXPECT_THAT(aws_cases(), SizeIs(0));
  event(id, EventKind::field, "to AWS", "cf_escalate");
  pump();
  EXPECT_THAT(aws_cases(), SizeIs(1));
}

TEST_P(OpenCase, WhatTheCatalogueLacksFallsBackAndIsCounted) {
  start("[aws_cases.classify.service.lambda]\ncode = \"of-last-year\"\n");
  const auto fallbacks = [&] { return daemon->metrics.text().find("supportd_aws_cases_fallbacks_total 1\n"); };
  mark(ticket("7", "EC2 does not start", "The EC2 instance does not start."));
  pump();
  EXPECT_EQ(fallbacks(), std::string::npos);
  mark(ticket("8", "Lambda functions time out", "Our Lambda functions time out."));
  pump();
  ASSERT_THAT(aws_cases(), SizeIs(2));
  EXPECT_EQ(aws_cases().back().service, "general-info");
  EXPECT_NE(fallbacks(), std::string::npos);
}

TEST_P(OpenCase, ThroughTheCustomersRole) {
  const auto id = ticket("8", "Lambda functions time out", "Our Lambda functions time out.", "Northwind");
  mark(id);
  pump();
  ASSERT_THAT(aws_cases(), SizeIs(1));
  EXPECT_EQ(aws_cases().front().account, roled_account);
  EXPECT_EQ(aws_cases().front().service, "aws-lambda");
}

TEST_P(OpenCase, WithoutAnAccountThereIsANoteUntilThereIsOne) {
  const auto id = ticket("7", "EC2 does not start", "The instance does not start.", "Tailor");
  event(id, EventKind::field, "111122223333", "cf_aws_account_id");  // another organisation's
  mark(id);
  pump();
  EXPECT_THAT(aws_cases(), SizeIs(0));
  EXPECT_THAT(notes_of(id), ElementsAre(HasSubstr("does not belong to organisation Tailor")));
  EXPECT_EQ(case_of(id).state, State::refused);
  const auto hanbit = ledger->read([](Tx& tx) { return tickets::find_organisation(tx, "Hanbit")->id; });
  event(id, EventKind::organisation, std::to_string(hanbit.value));
  pump();
  EXPECT_THAT(aws_cases(), SizeIs(1));
}

TEST_P(OpenCase, UrgentWaitsForApprovalAndOpensLowerWithoutIt) {
  const auto id = ticket("7", "RDS down", "Production RDS is down.");
  event(id, EventKind::field, "urgent", "cf_aws_severity");
  mark(id);
  pump();
  EXPECT_THAT(aws_cases(), SizeIs(0));
  EXPECT_EQ(case_of(id).state, State::approving);
  later(14min);
  pump();
  EXPECT_THAT(aws_cases(), SizeIs(0));
  later(1min);
  pump();
  ASSERT_THAT(aws_cases(), SizeIs(1));
  EXPECT_EQ(aws_cases().front().severity, "high");
  EXPECT_THAT(notes_of(id).back(), HasSubstr("was not approved in time"));
}

TEST_P(OpenCase, AnApprovedSeverityIsAuditedAndUsed) {
  const auto id = ticket("7", "RDS down", "Production RDS is down.");
  event(id, EventKind::field, "critical", "cf_aws_severity");
  mark(id);
  pump();
  ledger->write(
      [&](Tx& tx) { approve_case(tx, daemon->context, case_of(id).key, "uid 7 (lead)", "called", clock.at); });
  pump();
  ASSERT_THAT(aws_cases(), SizeIs(1));
  // The business plan knows no critical: the next lower, and the record says so.
  EXPECT_EQ(aws_cases().front().severity, "urgent");
  EXPECT_THAT(case_of(id).reason, HasSubstr("plan has no 'critical'"));
  const auto audit = ledger->read([](Tx& tx) { return store::audit_tail(tx, 10); });
  EXPECT_TRUE(std::ranges::any_of(audit, [](const auto& row) {
    return row.entry.action == "aws_cases.approve" && row.entry.actor == "uid 7 (lead)";
  }));
  EXPECT_THROW(
      ledger->write([&](Tx& tx) { approve_case(tx, daemon->context, case_of(id).key, "uid 7 (lead)", "", clock.at); }),
      Error);
}

TEST_P(OpenCase, ALostAnswerOpensNoSecondCase) {
  const auto id = ticket("7", "S3 access denied", "PutObject to the bucket is denied.");
  mark(id);
  lose_outcome();
  ASSERT_THAT(aws_cases(), SizeIs(1));
  start();
  pump();
  ASSERT_THAT(aws_cases(), SizeIs(1));
  EXPECT_EQ(at(id).field("cf_aws_support_case_id"), aws_cases().front().id);
}

TEST_P(OpenCase, AWriteThatNeverArrivedIsSentAgain) {
  const auto id = ticket("7", "S3 access denied", "PutObject to the bucket is denied.");
  mark(id);
  faults.next(fakes::Fault::cut_before, [](const http::Request& r) { return r.operation == "create_case"; });
  pump();
  EXPECT_THAT(aws_cases(), SizeIs(0));
  later(6min);
  pump();
  EXPECT_THAT(aws_cases(), SizeIs(0)) << "one listing is not enough to believe it absent";
  later(1min);
  pump();
  EXPECT_THAT(aws_cases(), SizeIs(1));
}

TEST_P(OpenCase, AnAccountWithoutAPlanIsParkedAndAskedAgain) {
  aws->change_plan(account, fakes::SupportPlan::basic);
  const auto id = ticket("7", "VPC", "The VPN is slow.");
  mark(id);
  pump();
  EXPECT_THAT(notes_of(id), ElementsAre(HasSubstr("SubscriptionRequiredException")));
  EXPECT_THAT(ledger->read([](Tx& tx) { return parked_accounts(tx); }), SizeIs(1));
  aws->change_plan(account, fakes::SupportPlan::business);
  sweep();
  pump();
  EXPECT_THAT(aws_cases(), SizeIs(0)) << "asked again only once a day";
  later(24h);
  sweep();
  pump();
  EXPECT_THAT(aws_cases(), SizeIs(1));
  EXPECT_EQ(case_of(id).state, State::open);
}

TEST_P(OpenCase, ATicketOfAParkedAccountIsToldAndGoesOnWithThePlan) {
  const auto first = opened("7");
  aws->change_plan(account, fakes::SupportPlan::basic);
  const auto parked = opened("8");  // parks the account
  const auto id = opened("9");
  ASSERT_EQ(case_of(parked).state, State::refused);
  EXPECT_EQ(case_of(id).state, State::refused);
  EXPECT_THAT(notes_of(id), ElementsAre(HasSubstr("no support plan with an API")));
  event(parked, EventKind::status, "solved");
  aws->change_plan(account, fakes::SupportPlan::business);
  later(25h);
  sweep();
  pump();
  EXPECT_EQ(case_of(id).state, State::open);
  EXPECT_EQ(case_of(parked).state, State::withdrawn) << "it was solved meanwhile";
  EXPECT_THAT(aws_cases(), SizeIs(2)) << "the first and the one that still wants it";
  EXPECT_EQ(case_of(first).state, State::open);
}

TEST_P(OpenCase, ATicketThatEndsBeforeItsCaseLeftGetsNone) {
  for (const bool by_mark : {true, false}) {
    const auto id = ticket(by_mark ? "7" : "8", "VPC", "drops");
    mark(id);
    while (daemon->deadlines.fire(clock.at) > 0) {
    }
    ASSERT_EQ(case_of(id).state, State::opening);
    by_mark ? unmark(id) : event(id, EventKind::status, "solved");
    EXPECT_EQ(case_of(id).state, State::withdrawn);
    pump();
    EXPECT_THAT(aws_cases(), SizeIs(0));
  }
}

TEST_P(OpenCase, ACaseUnlinkedBeforeItLeftIsNotOpened) {
  const auto id = ticket("7", "VPC", "drops");
  mark(id);
  while (daemon->deadlines.fire(clock.at) > 0) {
  }
  ledger->write(
      [&](store::Tx& tx) { unlink_case(tx, daemon->context, case_of(id).key, "uid 7", "mistake", clock.at); });
  pump();
  EXPECT_THAT(aws_cases(), SizeIs(0));
}

TEST_P(OpenCase, ACaseFoundAfterALostAnswerIsAsOldAsAwsSays) {
  const auto id = ticket("7", "VPC", "drops");
  later(30h);
  mark(id);
  const Instant created = clock.at;
  lose_outcome();
  later(10min);
  start("", clock.at - 48h);
  for (int i = 0; i < 10; ++i) {
    pump();
    later(2min);
  }
  ASSERT_EQ(case_of(id).state, State::open);
  EXPECT_EQ(case_of(id).opened, created);
}

TEST_P(OpenCase, ACustomerInTheCopyListMakesTheCaseVisible) {
  start("[aws_cases]\ncc = [\"7@Hanbit.example\"]\n", clock.at - 48h);
  const auto id = opened("7");
  EXPECT_TRUE(case_of(id).customer_visible);
  notes(id, "@aws\nthe customer must not read this");
  pump();
  EXPECT_THAT(bodies(case_of(id).case_id), SizeIs(1));
  EXPECT_THAT(notes_of(id).back(), HasSubstr("private notes must not go there"));
}

TEST_P(OpenCase, AReloadMovesWhatWaitsForAnApproval) {
  const auto moves = [&](const std::string& change) {
    config::Schema sections;
    sections.add<Section>(slice_name);
    const auto fresh = sections.load(config::read_texts({{"t.toml", "[aws_cases]\n" + change}})).config;
    return ledger->read([&](store::Tx& tx) { return daemon->deadlines.moves(tx, *fresh, clock.at); });
  };
  const auto id = ticket("7", "VPC down", "help");
  event(id, EventKind::field, "urgent", "cf_aws_severity");
  mark(id);
  pump();
  ASSERT_EQ(case_of(id).state, State::approving);
  EXPECT_TRUE(moves("").empty());
  const auto found = moves("approval_wait = \"5m\"\n");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].what, "approval of the case for ticket " + std::to_string(id.value));
  EXPECT_EQ(found[0].before - found[0].after, 10min);
  ledger->write([&](store::Tx& tx) { daemon->deadlines.move(tx, found); });
  later(5min);
  pump();
  EXPECT_EQ(case_of(id).state, State::open);
}

TEST_P(OpenCase, WhatAProbeMeasuredIsWaitedForTwice) {
  const auto settle = [&] { return daemon->outbox.channel(channel_name)->traits().settle; };
  EXPECT_EQ(settle(), 2min);
  ledger->write([&](store::Tx& tx) {
    store::keep_finding(tx, {channel_name, "case_list_lag_ms", "200000", clock.at});
    store::keep_finding(tx, {channel_name, "communication_list_lag_ms", "over 300000", clock.at});
  });
  opened();
  EXPECT_EQ(settle(), 10min);
}

TEST_P(OpenCase, WhatIsOwedToARemovedAccountWaitsForItsReturn) {
  const auto id = opened();
  daemon->accounts.configure({}, {}, {});
  notes(id, "@aws\nstill broken");
  pump();
  const auto owed = [&](outbox::State state) {
    return ledger->read([&](store::Tx& tx) { return daemon->outbox.list(tx, {.states = {state}}); });
  };
  ASSERT_EQ(owed(outbox::State::parked).size(), 1u);
  EXPECT_EQ(owed(outbox::State::parked)[0].awaits, "aws:111122223333");
  EXPECT_EQ(bodies(case_of(id).case_id).size(), 1u);

  daemon->configure(role);
  ledger->write([&](store::Tx& tx) { daemon->outbox.configured(tx, {channel_name, "aws:111122223333"}); });
  pump();
  EXPECT_TRUE(owed(outbox::State::parked).empty());
  EXPECT_EQ(bodies(case_of(id).case_id).size(), 2u);
}

TEST_P(OpenCase, TheDailyLimitOfAnAccountMakesItWait) {
  start("[aws_cases]\ncases_per_account_a_day = 1\n");
  opened("7");
  const auto id = opened("8");
  EXPECT_THAT(aws_cases(), SizeIs(1));
  EXPECT_THAT(case_of(id).reason, HasSubstr("waits"));
  later(24h);
  pump();
  EXPECT_THAT(aws_cases(), SizeIs(2));
}

TEST_P(OpenCase, ALongProblemGoesInOrderedParts) {
  std::string problem;
  for (int i = 0; i < 3'000; ++i) problem += "line " + std::to_string(i) + "\n";
  const auto id = ticket("7", "EC2", problem);
  mark(id);
  pump();
  const auto said = bodies(case_of(id).case_id);
  ASSERT_GT(said.size(), 3U);
  EXPECT_THAT(said.at(1), EndsWith("2/" + std::to_string(said.size())));
  std::string joined;
  for (const auto& part : said) joined += part;
  for (int i = 0; i < 3'000; i += 250) EXPECT_THAT(joined, HasSubstr("line " + std::to_string(i) + "\n"));
}

TEST_P(OpenCase, ARestoredLedgerFindsTheCaseThatItForgot) {
  const auto id = ticket("7", "S3 access denied", "PutObject to the bucket is denied.");
  if (!keep_yesterday()) GTEST_SKIP() << "copies of PostgreSQL are pg_dump's";
  mark(id);
  pump();
  notes(id, "@aws\nmore news");
  const int first = serial;  // of that note
  pump();
  const std::string the_case = case_of(id).case_id;
  later(1h);
  aws->engineer_resolves(the_case, clock.at);
  later(1h);

  restore_yesterday();
  clock.at -= 2h;  // the desk tells the same again, with its own times
  mark(id);
  serial = first - 1;  // the same note has the same identity
  notes(id, "@aws\nmore news");
  clock.at += 2h;
  desk_was_read();
  pump();
  EXPECT_THAT(aws_cases(), SizeIs(1));
  EXPECT_EQ(case_of(id).case_id, the_case);
  EXPECT_THAT(bodies(the_case), SizeIs(2));
  sweep();
  EXPECT_THAT(messages(id, "aws:" + std::string(account)), SizeIs(0));
  EXPECT_EQ(ledger->read([&](Tx& tx) { return tickets::load(tx, id).status; }), tickets::Status::solved)
      << "what AWS did while the ledger had forgotten the case";
}

TEST_P(OpenCase, ACaseFromBeforeTheLedgerWasCertainGoesOn) {
  start("", clock.at + 1h);
  const auto id = ticket("7", "S3 access denied", "PutObject to the bucket is denied.");
  event(id, EventKind::field, "case-111122223333-muen-2026-1", "cf_aws_support_case_id");
  mark(id);
  later(2h);
  pump();
  EXPECT_THAT(aws_cases(), SizeIs(0));
  EXPECT_EQ(case_of(id).case_id, "case-111122223333-muen-2026-1");
  EXPECT_EQ(case_of(id).state, State::adopting) << "AWS has not been asked yet";
  EXPECT_FALSE(case_of(id).ours) << "its ticket carries no mark of ours";
  // A ticket that is younger than the ledger names no case that the ledger could have forgotten.
  const auto young = ticket("8", "S3 access denied", "PutObject to the bucket is denied.");
  event(young, EventKind::field, "case-111122223333-muen-2026-2", "cf_aws_support_case_id");
  mark(young);
  pump();
  EXPECT_THAT(aws_cases(), SizeIs(1));
}

INSTANTIATE_TEST_SUITE_P(Engines, OpenCase, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });

}  // namespace
}  // namespace supportd::aws_cases
