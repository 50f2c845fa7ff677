#include <gmock/gmock.h>

#include "jobs/aws_cases/slice.hpp"
#include "tests/jobs/aws_cases/room.hpp"

namespace supportd::aws_cases {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;
using tickets::EventKind;
using tickets::Status;

class FinishCase : public Room {};
class FollowUp : public Room {
 protected:
  FollowUp() { options.refuse_replies_to_resolved = true; }
};

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

TEST_P(FinishCase, AfterARestoreAStatusWaitsUntilTheDeskHasBeenRead) {
  const auto id = opened();
  aws->engineer_resolves(case_of(id).case_id, clock.at);
  later(1h);
  start("", clock.at);
  sweep();
  EXPECT_EQ(case_of(id).state, State::open) << "the desk's people may have done something since";
  EXPECT_EQ(at(id).status, Status::hold);
  later(1h);
  desk_was_read();
  sweep();
  EXPECT_EQ(case_of(id).state, State::resolved);
  EXPECT_EQ(at(id).status, Status::solved);
}

TEST_P(FinishCase, WhatACustomerWroteInTheLostTimeIsNotOvertakenByTheStatusOfThatTime) {
  const auto id = opened();
  sweep();
  later(1h);
  aws->engineer_resolves(case_of(id).case_id, clock.at);
  later(1h);
  const Instant wrote = clock.at;
  later(1h);
  start("", clock.at);
  sweep();
  clock.at = wrote;
  says(id, tickets::Author::customer, tickets::Visibility::public_reply, "it happens again");
  event(id, EventKind::status, "open");
  later(2h);
  desk_was_read();
  sweep();
  EXPECT_EQ(case_of(id).state, State::resolved);
  EXPECT_EQ(at(id).status, Status::open);
}

TEST_P(FinishCase, ADeskThatCannotBeReadForADayIsNotWaitedFor) {
  const auto id = opened();
  aws->engineer_resolves(case_of(id).case_id, clock.at);
  start("", clock.at + 1h);
  later(25h);
  sweep();
  EXPECT_EQ(case_of(id).state, State::resolved);
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

// Desks close what they merge or delete, and may tell that before or after.
TEST_P(FinishCase, NobodyResolvesTheCaseOfATicketThatIsMergedOrDeleted) {
  const auto target = ticket("9", "the same", "again");
  for (const bool is_told_first : {false, true}) {
    for (const auto& [kind, value] :
         {std::pair{EventKind::merged, std::to_string(target.value)}, std::pair{EventKind::deleted, std::string()}}) {
      const auto id = opened("t" + std::to_string(serial));
      if (is_told_first) event(id, kind, value);
      event(id, EventKind::status, "closed");
      if (!is_told_first) event(id, kind, value);
      pump();
      EXPECT_EQ(case_of(id).state, State::open);
      EXPECT_NE(aws->find_case(case_of(id).case_id)->status, "resolved");
    }
  }
  EXPECT_EQ(aws->calls("ResolveCase"), 0);
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

TEST_P(FinishCase, ANoteFromBeforeTheSolveLeavesTicketAndCaseEnded) {
  const auto id = opened();
  event(id, EventKind::status, "solved");
  pump();
  event(id, EventKind::status, "open");
  // One poll brings both: the note, and the solve that came after it.
  notes(id, "@aws\none last word");
  later(1s);
  event(id, EventKind::status, "solved");
  pump();
  EXPECT_THAT(bodies(case_of(id).case_id), SizeIs(2));
  EXPECT_EQ(aws_cases().front().status, "resolved");
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

// In the lost time the ticket had two cases, and the second began with what somebody had wanted to say to the first.
TEST_P(FollowUp, AForgottenOneIsKnownByItsSubjectAndNothingIsSaidTwice) {
  if (!keep_yesterday()) GTEST_SKIP() << "copies of PostgreSQL are pg_dump's";
  const Instant began = clock.at;
  const auto lost = opened("7");
  event(lost, EventKind::status, "solved");
  pump();
  later(1h);
  event(lost, EventKind::status, "open");
  struct Note {
    Instant at;
    int serial;
    std::string text;
  };
  std::vector<Note> said;
  for (const char* text : {"@aws\nit happens again", "@aws\nand again"}) {
    said.push_back({clock.at, serial, text});
    notes(lost, text);
    pump();
    later(1h);
  }
  const Case forgotten = case_of(lost);
  ASSERT_EQ(forgotten.n, 2);
  ASSERT_THAT(bodies(forgotten.case_id), SizeIs(2));

  const Instant now = clock.at;
  restore_yesterday();
  const auto id = brought_again(began, forgotten.case_id);
  for (const Note& note : said) {
    clock.at = note.at;
    serial = note.serial;
    notes(id, note.text);
  }
  serial += 1'000;
  clock.at = now;
  desk_was_read();
  pump();
  EXPECT_EQ(case_of(id).state, State::adopting);
  sweep();
  for (int i = 0; i < 10; ++i) {
    pump();
    later(2min);
  }
  EXPECT_EQ(case_of(id).key, forgotten.key);
  EXPECT_THAT(bodies(forgotten.case_id), SizeIs(2)) << "nothing was said twice";
  EXPECT_THAT(aws_cases(), SizeIs(2));
}

// All of that before AWS could be asked which case it is: its end is told after what was said before it.
TEST_P(FollowUp, WhatWasSaidBeforeTheEndOfAForgottenCasesTicketReachesItFirst) {
  if (!keep_yesterday()) GTEST_SKIP() << "copies of PostgreSQL are pg_dump's";
  const Instant began = clock.at;
  const std::string the_case = case_of(opened("7")).case_id;
  later(1h);
  const Instant now = clock.at;
  restore_yesterday();
  const auto id = brought_again(began, the_case);
  clock.at = now;
  later(10min);
  notes(id, "@aws\nit drops again");
  later(10min);
  event(id, EventKind::status, "solved");
  later(10min);
  desk_was_read();
  pump();
  ASSERT_EQ(case_of(id).state, State::adopting);
  sweep();
  for (int i = 0; i < 10; ++i) {
    pump();
    later(10min);
  }
  EXPECT_THAT(bodies(the_case).back(), HasSubstr("it drops again"));
  EXPECT_EQ(aws->find_case(the_case)->status, "resolved");
  EXPECT_THAT(aws_cases(), SizeIs(1));
}

// In the lost time AWS opened the case again; the ticket was solved before this ledger had learned that.
TEST_P(FinishCase, ACaseThatIsOpenAgainForATicketEndedMeanwhileIsResolved) {
  const auto id = opened();
  event(id, EventKind::status, "solved");
  pump();
  sweep();
  const std::string the_case = case_of(id).case_id;
  later(1h);
  aws->set_status(the_case, "reopened", clock.at);
  event(id, EventKind::status, "open");
  later(1h);
  start("", clock.at);
  later(10min);
  event(id, EventKind::status, "solved");
  pump();
  desk_was_read();
  later(10min);
  sweep();
  pump();
  EXPECT_EQ(at(id).status, Status::solved);
  EXPECT_EQ(aws->find_case(the_case)->status, "resolved");
  EXPECT_EQ(case_of(id).state, State::resolved);
}

// While AWS could not be asked, it resolved the case, people solved the ticket, and AWS opened the case again.
TEST_P(FinishCase, ACaseThatAwsOpenedAgainUnseenOpensItsTicket) {
  for (const char* ending : {"solved", "closed"}) {
    const auto id = opened(ending == std::string("solved") ? "7" : "8");
    const std::string the_case = case_of(id).case_id;
    sweep();
    later(1h);
    aws->engineer_resolves(the_case, clock.at);
    later(1h);
    const Instant solved = clock.at;
    later(1h);
    aws->engineer_reopens(the_case, "We found more.", clock.at);
    later(1h);
    const Instant now = clock.at;
    clock.at = solved;
    event(id, EventKind::status, ending);
    clock.at = now;
    pump();
    EXPECT_EQ(aws->find_case(the_case)->status, "reopened") << "its word is younger than the ticket's end";
    EXPECT_EQ(aws->calls("ResolveCase"), 0);
    later(10min);
    sweep();
    pump();
    EXPECT_TRUE(is_unsolved(at(id).status));
    EXPECT_EQ(aws->find_case(the_case)->status, "reopened") << ending;
  }
}

// The same, but people solve the ticket after AWS's word; its status is seen before theirs and after.
TEST_P(FinishCase, ATicketSolvedAfterTheWordThatOpenedItsCaseAgainStaysSolved) {
  for (const bool is_swept_first : {false, true}) {
    const auto id = opened(is_swept_first ? "8" : "7");
    const std::string the_case = case_of(id).case_id;
    sweep();
    later(1h);
    aws->engineer_resolves(the_case, clock.at);
    later(1h);
    aws->engineer_reopens(the_case, "We found more.", clock.at);
    later(1h);
    event(id, EventKind::status, "solved");
    if (is_swept_first) sweep();
    pump();
    EXPECT_EQ(aws->find_case(the_case)->status, "resolved") << is_swept_first;
    later(1h);
    sweep();
    pump();
    EXPECT_EQ(at(id).status, Status::solved) << is_swept_first;
  }
}

// AWS resolved the case, which ended the ticket, and opened it again: of a ledger that has forgotten all of that.
TEST_P(FinishCase, ACaseThatAwsOpenedAgainInTheLostTimeOpensItsTicket) {
  if (!keep_yesterday()) GTEST_SKIP() << "copies of PostgreSQL are pg_dump's";
  const auto lost = opened();
  const std::string the_case = case_of(lost).case_id;
  later(1h);
  aws->engineer_resolves(the_case, clock.at);
  const Instant ended = clock.at;
  later(1h);

  const Instant now = clock.at;
  restore_yesterday();
  const auto id = brought_again(ended, the_case);
  event(id, EventKind::status, "solved");
  clock.at = now;
  aws->engineer_reopens(the_case, "We found more.", clock.at);
  later(1h);
  desk_was_read();
  pump();
  ASSERT_EQ(case_of(id).state, State::adopting);
  sweep();
  for (int i = 0; i < 10; ++i) {
    pump();
    later(10min);
  }
  EXPECT_EQ(at(id).status, Status::open);
  EXPECT_EQ(aws->find_case(the_case)->status, "reopened");
}

INSTANTIATE_TEST_SUITE_P(Engines, FinishCase, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });
INSTANTIATE_TEST_SUITE_P(Engines, FollowUp, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });

}  // namespace
}  // namespace supportd::aws_cases
