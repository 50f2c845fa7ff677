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

INSTANTIATE_TEST_SUITE_P(Engines, FinishCase, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });
INSTANTIATE_TEST_SUITE_P(Engines, FollowUp, testing::Values(store::Engine::sqlite, store::Engine::postgresql),
                         [](const auto& engine) { return fakes::name_of(engine.param); });

}  // namespace
}  // namespace supportd::aws_cases
