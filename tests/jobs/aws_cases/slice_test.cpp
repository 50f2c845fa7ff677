#include "jobs/aws_cases/slice.hpp"

#include <gmock/gmock.h>

#include "daemon/store/finding.hpp"
#include "tests/jobs/aws_cases/room.hpp"

namespace supportd::aws_cases {
namespace {

using namespace std::chrono_literals;
using store::Tx;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::SizeIs;
using tickets::Author;
using tickets::EventKind;
using tickets::Status;
using tickets::Visibility;

class OpenCase : public Room {};
class MirrorCase : public Room {};
class FinishCase : public Room {};
class FollowUp : public Room {
 protected:
  FollowUp() { options.refuse_replies_to_resolved = true; }
};

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
  ledger->write([&](Tx& tx) {
    approve_case(tx, daemon->context, std::to_string(case_of(id).id.value), "uid 7 (lead)", clock.at);
  });
  pump();
  ASSERT_THAT(aws_cases(), SizeIs(1));
  // The business plan knows no critical: the next lower, and the record says so.
  EXPECT_EQ(aws_cases().front().severity, "urgent");
  EXPECT_THAT(case_of(id).reason, HasSubstr("plan has no 'critical'"));
  const auto audit = ledger->read([](Tx& tx) { return store::audit_tail(tx, 10); });
  EXPECT_TRUE(std::ranges::any_of(audit, [](const auto& row) {
    return row.entry.action == "aws_cases.approve" && row.entry.actor == "uid 7 (lead)";
  }));
  EXPECT_THROW(ledger->write([&](Tx& tx) {
    approve_case(tx, daemon->context, std::to_string(case_of(id).id.value), "uid 7 (lead)", clock.at);
  }),
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

TEST_P(MirrorCase, WhatAwsSaysAppearsOnceInOrderWithItsFiles) {
  const auto id = opened();
  const std::string the_case = case_of(id).case_id;
  later(1min);
  aws->engineer_answers(the_case, "Please send <logs> & more.", {{"list.txt", "a list"}}, clock.at);
  later(1min);
  aws->engineer_answers(the_case, "And the ARN.", {}, clock.at);
  recent();
  sweep();
  recent();
  const auto said = messages(id, "aws:" + std::string(account));
  ASSERT_THAT(said, SizeIs(2));
  EXPECT_THAT(text(said[0]), HasSubstr("Please send <logs> & more."));
  EXPECT_THAT(text(said[1]), HasSubstr("And the ARN."));
  EXPECT_EQ(said[0].author, Author::vendor);
  EXPECT_EQ(said[0].author_name, "AWS Support");
  EXPECT_EQ(said[0].visibility, Visibility::private_note);
  const auto files = ledger->read([&](Tx& tx) { return tickets::attachments_of(tx, said[0].id); });
  ASSERT_THAT(files, SizeIs(1));
  EXPECT_EQ(files[0].state, tickets::FileState::held);
  EXPECT_EQ(ledger->read([&](Tx& tx) { return store::get(tx, *files[0].content); }), "a list");
  EXPECT_EQ(at(id).status, Status::open) << "somebody must answer AWS";
}

TEST_P(MirrorCase, MoreThanFiveAtOnceAreAllSeen) {
  const auto id = opened();
  for (int i = 0; i < 23; ++i) {
    later(1s);
    aws->engineer_answers(case_of(id).case_id, "number " + std::to_string(i), {}, clock.at);
  }
  sweep();
  const auto said = messages(id, "aws:" + std::string(account));
  ASSERT_THAT(said, SizeIs(23));
  for (int i = 0; i < 23; ++i)
    EXPECT_THAT(text(said[static_cast<std::size_t>(i)]), EndsWith("number " + std::to_string(i)));
}

TEST_P(MirrorCase, OnlyAddressedNotesGoToAwsAndNeverComeBack) {
  const auto id = opened();
  notes(id, "internal: ask the team");
  notes(id, "@aws told us to wait");
  says(id, Author::customer, Visibility::public_reply, "still broken");
  notes(id, "@aws\nThe logs are attached.");
  pump();
  const auto said = bodies(case_of(id).case_id);
  ASSERT_THAT(said, SizeIs(2));
  EXPECT_THAT(said[1], testing::StartsWith("The logs are attached.\n\nref "));
  EXPECT_THAT(said[1], EndsWith(" 1/1"));
  sweep();
  recent();
  EXPECT_THAT(messages(id, "aws:" + std::string(account)), SizeIs(0));
}

TEST_P(MirrorCase, AnotherPersonsWordsInTheConsoleAreNoEcho) {
  const auto id = opened();
  later(1min);
  aws->colleague_writes(case_of(id).case_id, "jane", "I also see this.", clock.at);
  sweep();
  const auto said = messages(id, "aws:" + std::string(account));
  ASSERT_THAT(said, SizeIs(1));
  EXPECT_EQ(said[0].author, Author::customer);
}

TEST_P(MirrorCase, ANoteWaitsForItsFilesAndTakesThreeAtMost) {
  const auto id = opened();
  const auto message = says(id, Author::agent, Visibility::private_note, "@aws\nfour files",
                            {{"1", "a.log", "text/plain", 10},
                             {"2", "b.log", "text/plain", 6'000'000},
                             {"3", "c.log", "text/plain", 10},
                             {"4", "d.log", "text/plain", 10},
                             {"5", "e.log", "text/plain", 10}});
  pump();
  EXPECT_THAT(bodies(case_of(id).case_id), SizeIs(1));
  ledger->write([&](Tx& tx) {
    for (const auto& file : tickets::attachments_of(tx, message)) {
      EXPECT_EQ(file.state, tickets::FileState::wanted);
      if (file.name == "b.log") {
        tickets::mark_attachment(tx, file.id, tickets::FileState::oversize, "");
      } else {
        tickets::hold_attachment(tx, file.id, "bytes of " + file.name);
      }
    }
    daemon->outbox.wake_subject(tx, subject_of(id));
  });
  pump();
  const auto said = aws->find_case(case_of(id).case_id)->communications;
  ASSERT_THAT(said, SizeIs(2));
  EXPECT_THAT(said[1].attachments, SizeIs(3));
  EXPECT_THAT(said[1].body, HasSubstr("Not attached: b.log (6000000 bytes, more than 5 MB), e.log"));
  EXPECT_EQ(aws->attachment(said[1].attachments[2])->file.data, "bytes of d.log");
}

TEST_P(MirrorCase, NotesWaitForTheCaseToExist) {
  const auto id = ticket("7", "EC2", "The instance is slow.");
  faults.next(fakes::Fault::refuse_connect, [](const http::Request& r) { return r.operation == "create_case"; });
  mark(id);
  pump();
  notes(id, "@aws\nmore news");
  pump();
  EXPECT_THAT(aws_cases(), SizeIs(0));
  later(1min);
  pump();
  EXPECT_THAT(bodies(case_of(id).case_id), ElementsAre(testing::_, HasSubstr("more news")));
}

TEST_P(MirrorCase, ACustomerVisibleCaseTakesNoPrivateNotesAndItsAnswersArePublic) {
  start("[aws_cases]\ncc_requester = true\nmirror_customer_replies = true\n");
  const auto id = opened();
  EXPECT_THAT(aws_cases().front().cc, ElementsAre("7@hanbit.example"));
  notes(id, "@aws\nbetween us: the customer is angry");
  says(id, Author::customer, Visibility::public_reply, "still broken");
  pump();
  EXPECT_THAT(bodies(case_of(id).case_id), ElementsAre(testing::_, HasSubstr("still broken")));
  EXPECT_THAT(notes_of(id).back(), HasSubstr("private notes must not go there"));
  later(1min);
  aws->engineer_answers(case_of(id).case_id, "We look into it.", {}, clock.at);
  sweep();
  EXPECT_EQ(messages(id, "aws:" + std::string(account)).at(0).visibility, Visibility::public_reply);
}

TEST_P(MirrorCase, ALostAnswerIsFoundByItsMark) {
  const auto id = opened();
  notes(id, "@aws\nonce only");
  lose_outcome();
  start();
  pump();
  later(10min);
  pump();
  EXPECT_THAT(bodies(case_of(id).case_id), SizeIs(2));
}

TEST_P(OpenCase, ARestoredLedgerFindsTheCaseThatItForgot) {
  if (GetParam() != store::Engine::sqlite) GTEST_SKIP() << "copies of PostgreSQL are pg_dump's";
  const auto id = ticket("7", "S3 access denied", "PutObject to the bucket is denied.");
  ledger->backup(scratch / "yesterday.db");
  mark(id);
  pump();
  notes(id, "@aws\nmore news");
  const int first = serial;  // of that note
  pump();
  const std::string the_case = case_of(id).case_id;
  later(1h);
  aws->engineer_resolves(the_case, clock.at);
  later(1h);

  store::LedgerOptions copy = scratch.ledger(GetParam());
  copy.where = (scratch / "yesterday.db").string();
  open_ledger(copy);
  start("", clock.at);
  clock.at -= 2h;  // the desk tells the same again, with its own times
  mark(id);
  serial = first - 1;  // the same note has the same identity
  notes(id, "@aws\nmore news");
  clock.at += 2h;
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
  EXPECT_EQ(case_of(id).state, State::open);
  EXPECT_FALSE(case_of(id).ours) << "its ticket carries no mark of ours";
  // A ticket that is younger than the ledger names no case that the ledger could have forgotten.
  const auto young = ticket("8", "S3 access denied", "PutObject to the bucket is denied.");
  event(young, EventKind::field, "case-111122223333-muen-2026-2", "cf_aws_support_case_id");
  mark(young);
  pump();
  EXPECT_THAT(aws_cases(), SizeIs(1));
}

TEST_P(FinishCase, ResolvedAtAwsSolvesTheTicketOnce) {
  const auto id = opened();
  aws->engineer_resolves(case_of(id).case_id, clock.at);
  sweep();
  EXPECT_EQ(at(id).status, Status::solved);
  pump();
  EXPECT_EQ(aws->calls("ResolveCase"), 0);
  // People reopen the ticket: AWS's old word is no news.
  event(id, EventKind::status, "open");
  sweep();
  EXPECT_EQ(at(id).status, Status::open);
}

TEST_P(FinishCase, ASolvedTicketResolvesTheCaseOnce) {
  const auto id = opened();
  event(id, EventKind::status, "solved");
  pump();
  EXPECT_EQ(aws_cases().front().status, "resolved");
  EXPECT_EQ(case_of(id).state, State::resolved);
  sweep();
  event(id, EventKind::status, "closed");
  pump();
  EXPECT_EQ(aws->calls("ResolveCase"), 1);
  EXPECT_EQ(at(id).status, Status::closed);
}

TEST_P(FinishCase, AResolveIsDecidedAgainWhenItIsSent) {
  const auto id = opened();
  event(id, EventKind::status, "solved");
  event(id, EventKind::status, "open");
  pump();
  EXPECT_EQ(aws_cases().front().status, "opened");
}

TEST_P(FinishCase, ReopenedAtAwsReopensTheTicket) {
  const auto id = opened();
  event(id, EventKind::status, "solved");
  pump();
  sweep();
  later(24h);
  aws->engineer_reopens(case_of(id).case_id, "We found one more.", clock.at);
  sweep();
  EXPECT_EQ(at(id).status, Status::open);
  EXPECT_THAT(messages(id, "aws:" + std::string(account)), SizeIs(1));
  EXPECT_EQ(case_of(id).state, State::open);
}

TEST_P(FinishCase, TheNextMessageReopensTheCase) {
  const auto id = opened();
  event(id, EventKind::status, "solved");
  pump();
  event(id, EventKind::status, "open");
  notes(id, "@aws\nit is back");
  pump();
  EXPECT_EQ(aws_cases().front().status, "reopened");
  sweep();
  EXPECT_EQ(at(id).status, Status::hold);
  EXPECT_THAT(aws_cases(), SizeIs(1));
}

TEST_P(FinishCase, AReplyThatReopensTheCaseTellsTheTicketAtOnce) {
  const auto id = opened();
  event(id, EventKind::status, "solved");
  pump();
  event(id, EventKind::status, "open");
  notes(id, "@aws\nit is back");
  pump();
  EXPECT_EQ(at(id).status, Status::hold);
  // Resolved again before any sweep has seen it open.
  later(1h);
  aws->engineer_resolves(case_of(id).case_id, clock.at);
  sweep();
  EXPECT_EQ(at(id).status, Status::solved);
}

TEST_P(FollowUp, IsOpenedWhereAwsRefusesRepliesToTheResolvedCase) {
  const auto id = opened();
  const std::string first = case_of(id).case_id;
  event(id, EventKind::status, "solved");
  pump();
  event(id, EventKind::status, "open");
  notes(id, "@aws\nit is back");
  notes(id, "@aws\nand worse");
  pump();
  ASSERT_THAT(aws_cases(), SizeIs(2));
  const Case next = case_of(id);
  EXPECT_EQ(next.n, 2);
  EXPECT_NE(next.case_id, first);
  EXPECT_THAT(bodies(next.case_id),
              ElementsAre(testing::AllOf(HasSubstr(first), HasSubstr("it is back")), HasSubstr("and worse")));
  EXPECT_EQ(at(id).field("cf_aws_support_case_id"), next.case_id);
  EXPECT_EQ(at(id).status, Status::hold);
}

TEST_P(FinishCase, MarkingAgainOpensTheNextOnlyByRule) {
  const auto id = opened();
  event(id, EventKind::status, "solved");
  pump();
  event(id, EventKind::status, "open");
  unmark(id);
  mark(id);
  pump();
  EXPECT_THAT(aws_cases(), SizeIs(1));
  start("[aws_cases]\nagain = \"marking\"\n");
  unmark(id);
  mark(id);
  pump();
  EXPECT_THAT(aws_cases(), SizeIs(2));
}

INSTANTIATE_TEST_SUITE_P(Engines, OpenCase, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });
INSTANTIATE_TEST_SUITE_P(Engines, MirrorCase, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });
INSTANTIATE_TEST_SUITE_P(Engines, FinishCase, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });

INSTANTIATE_TEST_SUITE_P(Engines, FollowUp, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });

}  // namespace
}  // namespace supportd::aws_cases
