// The project's own connectors against the fakes, as the simulation joins them.
#include <gtest/gtest.h>

#include "connectors/aws_support/client.hpp"
#include "connectors/freshdesk/client.hpp"
#include "tests/fakes/aws_support.hpp"
#include "tests/fakes/freshdesk.hpp"
#include "tests/fakes/net.hpp"

namespace supportd::fakes {
namespace {

constexpr const char* account = "111122223333";

class Keys final : public connectors::aws::CredentialsProvider {
 public:
  explicit Keys(const AwsKey& key) : key_(key) {}
  connectors::aws::Credentials get(std::stop_token) override {
    return {key_.access_key_id, key_.secret, key_.session_token, {}};
  }

 private:
  AwsKey key_;
};

class ConnectorsOnFakes : public testing::Test {
 protected:
  void SetUp() override {
    aws.add_account(account, SupportPlan::business);
    desk.add_agent("Bot", "bot@desk.example", "key");
    net.route("support.us-east-1.amazonaws.com", aws);
    net.route("acme.freshdesk.com", desk);
    net.route("attachments.freshdesk.example", desk);
  }

  time::MachineClock clock;
  Iam iam;
  AwsKey key = iam.add_user(account, "SupportdRole");
  AwsSupport aws{iam, ServiceModel::aws_support(SUPPORTD_SHARED), {.calls_per_minute = 0}};
  Freshdesk desk;
  FaultPlan faults;
  Net net{clock, faults};

  Keys keys{key};
  connectors::aws::Endpoint endpoint{"https://support.us-east-1.amazonaws.com", {"us-east-1", "support"}};
  connectors::aws::JsonClient calls{
      net, clock, endpoint, keys, {std::string(connectors::aws_support::target), "aws_support"}};
  connectors::aws_support::Client support{calls, ""};
  connectors::freshdesk::Client freshdesk{
      net, clock, {.base_url = "https://acme.freshdesk.com", .budget = ""}, [](const std::string&) {
        return std::string("key");
      }};
};

TEST_F(ConnectorsOnFakes, AwsSupportRoundTrip) {
  const auto live = http::Priority::live;
  const auto set = support.add_attachments_to_set({{"a.log", "text/plain", "lines"}}, live);
  const std::string id = support.create_case({.subject = "s",
                                              .body = "a < b\r\nc  ",
                                              .service_code = "aws-lambda",
                                              .category_code = "performance",
                                              .severity_code = "normal",
                                              .language = "ko",
                                              .cc = {},
                                              .attachment_set_id = set.id},
                                             live);
  support.add_communication({.case_id = id, .body = "more", .cc = {}, .attachment_set_id = ""}, live);
  connectors::aws_support::CaseQuery query;
  query.ids = {id};
  const auto page = support.describe_cases(query, live);
  ASSERT_EQ(page.cases.size(), 1u);
  EXPECT_TRUE(page.bad.empty());
  ASSERT_EQ(page.cases[0].recent.size(), 2u);
  EXPECT_EQ(page.cases[0].recent[0].body, "more");
  const auto& first = page.cases[0].recent[1];
  EXPECT_EQ(first.submitted_by, "SupportdRole (Role) <supportdrole@example.com>");
  EXPECT_EQ(support.describe_attachment(first.attachments.at(0).id, live).data, "lines");
  EXPECT_EQ(support.resolve_case(id, live).final_status, "resolved");
  EXPECT_FALSE(support.describe_services("en").empty());
  EXPECT_EQ(support.describe_severity_levels("en").size(), 4u);
}

TEST_F(ConnectorsOnFakes, ALostAnswerLeavesTheOutcomeUnknown) {
  faults.next(Fault::cut_after);
  try {
    support.create_case({.subject = "s",
                         .body = "b",
                         .service_code = "aws-lambda",
                         .category_code = "performance",
                         .severity_code = "normal",
                         .language = "en",
                         .cc = {},
                         .attachment_set_id = ""},
                        http::Priority::live);
    FAIL() << "an answer came through the cut";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::unknown_outcome);
  }
  EXPECT_EQ(aws.cases().size(), 1u);
}

TEST_F(ConnectorsOnFakes, FreshdeskRoundTrip) {
  const auto id = std::to_string(desk.customer_opens({.mail = "kim@acme.example",
                                                      .subject = "제목",
                                                      .text = "본문",
                                                      .tags = {"aws-support"},
                                                      .fields = {},
                                                      .files = {{"in.log", "from the customer"}}},
                                                     clock.now()));
  const auto page = freshdesk.changes("", clock.now() - std::chrono::hours{1}, {});
  ASSERT_EQ(page.tickets.size(), 1u);
  EXPECT_TRUE(page.bad.empty());
  EXPECT_EQ(page.tickets[0].tags, std::vector<std::string>{"aws-support"});
  const auto ticket = freshdesk.ticket(id, {});
  EXPECT_EQ(freshdesk.download(ticket.files.at(0), 1000, {}), "from the customer");

  connectors::DeskUpdate update;
  update.status = "3";
  update.tags = {"aws-support", "escalated"};
  update.fields["cf_aws_support_case_id"] = "case-1";
  EXPECT_EQ(freshdesk.update(id, update, {}).status, "3");
  EXPECT_EQ(desk.ticket(1).field("cf_aws_support_case_id"), "case-1");

  const auto note = freshdesk.comment(id, {"<b>note</b>", false, {{"out.log", "text/plain", "to the desk"}}}, {});
  EXPECT_FALSE(note.is_public);
  EXPECT_EQ(note.author_id, freshdesk.own_id({}));
  freshdesk.comment(id, {"public", true, {}}, {});
  std::vector<connectors::BadRow> bad;
  const auto comments = freshdesk.comments(id, bad, {});
  ASSERT_EQ(comments.size(), 2u);
  EXPECT_TRUE(bad.empty());
  EXPECT_EQ(freshdesk.download(comments[0].files.at(0), 1000, {}), "to the desk");
  EXPECT_TRUE(comments[1].is_public);
  EXPECT_EQ(freshdesk.person(ticket.requester_id, false, {}).mail, "kim@acme.example");
  EXPECT_EQ(freshdesk.form({}).statuses.size(), 6u);

  desk.agent_deletes(1, clock.now());
  EXPECT_TRUE(freshdesk.ticket(id, {}).deleted);
}

}  // namespace
}  // namespace supportd::fakes
