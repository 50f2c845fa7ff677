#include "tests/fakes/witness.hpp"

#include <gtest/gtest.h>

#include "daemon/digest.hpp"
#include "tests/fakes/signed_call.hpp"

namespace supportd::fakes {
namespace {

// Plays the daemon's part by hand, so that each test can play it wrongly in one place.
class WitnessTest : public testing::Test {
 protected:
  void SetUp() override {
    aws.add_account("111122223333", SupportPlan::business);
    agent = desk.add_agent("Bot", "bot@desk.example", "key");
    opening = witness.new_token();
    ticket = desk.customer_opens(
        {.mail = "a@b.example", .subject = "s", .text = "down " + opening, .tags = {}, .fields = {}, .files = {}}, now);
    witness.opened(ticket, opening);
    witness.marked(ticket, opening);
  }
  void to_aws(const std::string& action, const std::string& body) {
    const auto answer = aws.answer(
        signed_call(key, {"us-east-1", "support"}, "AWSSupport_20130415." + action, body, now += Millis{1}), now);
    ASSERT_EQ(answer.status, 200) << answer.body;
  }
  std::string open_case() {
    to_aws(
        "CreateCase",
        R"({"subject":"s","serviceCode":"aws-lambda","categoryCode":"performance","severityCode":"normal","communicationBody":"problem: down )" +
            opening + "\"}");
    const std::string id = witness.case_of(ticket);
    desk.agent_changes(
        ticket, [&](FreshdeskTicket& it) { it.fields["cf_aws_support_case_id"] = "\"" + id + "\""; }, now);
    return id;
  }
  void add(const std::string& id, const std::string& text) {
    to_aws("AddCommunicationToCase", R"({"caseId":")" + id + R"(","communicationBody":")" + text + "\"}");
  }
  void mirror(const std::string& text, const std::vector<File>& files = {}) {
    desk.agent_notes(ticket, agent, text, files, now += Millis{1});
  }

  Iam iam;
  AwsKey key = iam.add_user("111122223333", "SupportdRole");
  AwsSupport aws{iam, ServiceModel::aws_support_built_in(), {.calls_per_minute = 0}};
  Freshdesk desk;
  Witness witness{aws, desk, 7};
  Instant now = *time::parse_instant("2026-03-02T01:00:00Z");
  std::int64_t agent = 0, ticket = 0;
  std::string opening;
};

TEST_F(WitnessTest, APerfectDayIsClean) {
  const std::string id = open_case();
  const std::string answer = witness.new_token(), note = witness.new_token();
  const File log = witness.new_file("a.log", 100);
  aws.engineer_answers(id, "try this " + answer, {log}, now);
  witness.said_on_aws(ticket, answer, true, {log});
  mirror("AWS Support: try this " + answer, {log});
  desk.agent_notes(ticket, agent, "@aws\ndone " + note, {}, now);
  witness.said_on_desk(ticket, note, true);
  add(id, "done " + note);
  const Report report = witness.report();
  EXPECT_TRUE(report.total().clean()) << report.to_json();
  EXPECT_EQ(report.total().expected, 4);  // the case, a message each way, one file
  EXPECT_EQ(report.total().found, 4);
  EXPECT_TRUE(report.tickets.at(0).case_id_noted);
}

TEST_F(WitnessTest, ALossIsSeen) {
  const std::string id = open_case();
  const std::string answer = witness.new_token();
  const File log = witness.new_file("a.log", 100);
  aws.engineer_answers(id, answer, {log}, now);
  witness.said_on_aws(ticket, answer, true, {log});
  EXPECT_EQ(witness.report().messages_to_desk.lost, 1);
  mirror(answer);  // without its file
  EXPECT_EQ(witness.report().messages_to_desk.lost, 0);
  EXPECT_EQ(witness.report().files_to_desk.lost, 1);
}

TEST_F(WitnessTest, ADuplicateIsSeen) {
  const std::string id = open_case();
  const std::string answer = witness.new_token();
  aws.engineer_answers(id, answer, {}, now);
  witness.said_on_aws(ticket, answer, true);
  mirror(answer);
  mirror(answer);
  EXPECT_EQ(witness.report().messages_to_desk.duplicated, 1);
  open_case();
  EXPECT_EQ(witness.report().cases.duplicated, 1);
}

TEST_F(WitnessTest, AnEchoIsADuplicateWhereItCameFrom) {
  const std::string id = open_case();
  const std::string answer = witness.new_token();
  aws.engineer_answers(id, answer, {}, now);
  witness.said_on_aws(ticket, answer, true);
  mirror(answer);
  add(id, answer);
  EXPECT_EQ(witness.report().messages_to_desk.duplicated, 1);
}

TEST_F(WitnessTest, ALeakedPrivateNoteIsSeen) {
  const std::string id = open_case();
  const std::string note = witness.new_token();
  desk.agent_notes(ticket, agent, "between us " + note, {}, now);
  witness.said_on_desk(ticket, note, false);
  EXPECT_TRUE(witness.report().total().clean());
  add(id, note);
  EXPECT_EQ(witness.report().messages_to_aws.leaked, 1);
}

TEST_F(WitnessTest, DisorderIsSeen) {
  const std::string id = open_case();
  const std::string first = witness.new_token(), second = witness.new_token();
  aws.engineer_answers(id, first, {}, now);
  aws.engineer_answers(id, second, {}, now);
  witness.said_on_aws(ticket, first, true);
  witness.said_on_aws(ticket, second, true);
  mirror(second);
  mirror(first);
  EXPECT_EQ(witness.report().messages_to_desk.disordered, 1);
}

TEST_F(WitnessTest, ACaseNobodyAskedForIsSeen) {
  to_aws(
      "CreateCase",
      R"({"subject":"s","serviceCode":"aws-lambda","categoryCode":"performance","severityCode":"normal","communicationBody":"?"})");
  EXPECT_EQ(witness.report().cases.leaked, 1);
  EXPECT_EQ(witness.report().cases.lost, 1);
}

}  // namespace
}  // namespace supportd::fakes
