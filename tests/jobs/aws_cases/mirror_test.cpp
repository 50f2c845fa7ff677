#include <gmock/gmock.h>

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
using tickets::Author;
using tickets::Status;
using tickets::Visibility;

class MirrorCase : public Room {};

TEST_P(MirrorCase, AWriteSeenBeforeTheLedgerKnewItAgainIsItsMessages) {
  const auto id = opened();
  const auto message = notes(id, "@aws\nmore");
  ledger->write([&](Tx& tx) {
    tx.exec("DELETE FROM aws_write");  // a restored ledger has forgotten it
    const CaseRow row = newest_case(tx, id)->id;
    claim_write(tx, row, "abcdefghij");
    add_write(tx, row, message, {"abcdefghij", "hash", false});
    EXPECT_TRUE(was_owed(tx, message)) << "or a follow-up would say it again";
    EXPECT_THAT(unseen_writes(tx, row), SizeIs(0));
  });
}

TEST_P(MirrorCase, WhatWasErasedDoesNotLeaveAnyMore) {
  const auto id = opened();
  const auto message = notes(id, "@aws\nmy password is hunter2");
  ledger->write([&](Tx& tx) { tickets::redact_message(tx, daemon->kernel, message, "uid 7", clock.at); });
  pump();
  EXPECT_THAT(bodies(case_of(id).case_id), SizeIs(1));
  EXPECT_EQ(ledger->read([](Tx& tx) {
    return *tx.one<std::int64_t>("SELECT count(*) FROM content WHERE body LIKE '%hunter2%'");
  }),
            0);
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

INSTANTIATE_TEST_SUITE_P(Engines, MirrorCase, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });

}  // namespace
}  // namespace supportd::aws_cases
