#include "tests/fakes/aws_support.hpp"

#include <gtest/gtest.h>

#include "daemon/digest.hpp"
#include "tests/fakes/signed_call.hpp"

namespace supportd::fakes {
namespace {

constexpr const char* account = "111122223333";

class AwsSupportTest : public testing::Test {
 protected:
  void start(AwsSupportOptions options = {}, SupportPlan plan = SupportPlan::business) {
    support = std::make_unique<AwsSupport>(iam, ServiceModel::aws_support(SUPPORTD_SHARED), options);
    support->add_account(account, plan);
  }
  http::Response raw(const std::string& action, const std::string& body) {
    return support->answer(signed_call(key, {"us-east-1", "support"}, "AWSSupport_20130415." + action, body, now), now);
  }
  // "ok", or the error's code.
  std::string code(const std::string& action, const std::string& body) {
    const auto response = raw(action, body);
    if (response.status == 200) return "ok";
    return json::Document::parse(response.body).root().at("__type").string();
  }
  json::Document call(const std::string& action, const std::string& body) {
    const auto response = raw(action, body);
    EXPECT_EQ(response.status, 200) << action << ": " << response.body;
    return json::Document::parse(response.body);
  }
  static std::string case_body(const std::string& text, const std::string& more = "") {
    json::Writer out;
    out.object([&] {
      out.member("subject", "s").member("serviceCode", "aws-lambda").member("categoryCode", "performance");
      out.member("severityCode", "normal").member("communicationBody", text);
    });
    std::string body = out.take();
    body.insert(body.size() - 1, more);
    return body;
  }
  std::string open(const std::string& text = "hello") {
    return call("CreateCase", case_body(text)).root().at("caseId").string();
  }
  std::size_t listed(const std::string& body) { return call("DescribeCases", body).root().at("cases").items().size(); }

  Iam iam;
  AwsKey key = iam.add_user(account, "SupportdRole");
  std::unique_ptr<AwsSupport> support;
  Instant now = *time::parse_instant("2026-03-02T01:00:00Z");
};

TEST_F(AwsSupportTest, BodiesAreKeptAsTheVendorKeepsThem) {
  start();
  open("a <b> & \"c\"  \r\nd\t\r\n\r\n");
  const auto answer = call("DescribeCases", "{}");
  const auto it = answer.root().at("cases").items().at(0);
  const auto said = it.at("recentCommunications").at("communications").items().at(0);
  EXPECT_EQ(said.at("body").string(), "a &lt;b&gt; &amp; &quot;c&quot;\nd");
  EXPECT_EQ(said.at("submittedBy").string(), "SupportdRole (Role) &lt;supportdrole@example.com&gt;");
  EXPECT_EQ(said.at("timeCreated").string(), "2026-03-02T01:00:00.000Z");
  EXPECT_FALSE(said.find("id"));
}

TEST_F(AwsSupportTest, FiveRecentCommunicationsAndTheRestByToken) {
  start({.calls_per_minute = 0});
  const std::string id = open("m0");
  for (int i = 1; i < 40; ++i) support->engineer_answers(id, "m" + std::to_string(i), {}, now += Millis{1});
  const auto cases = call("DescribeCases", R"({"caseIdList":[")" + id + R"("]})");
  const auto recent = cases.root().at("cases").items().at(0).at("recentCommunications");
  std::vector<std::string> bodies;
  for (const auto& said : recent.at("communications").items()) bodies.push_back(said.at("body").string());
  EXPECT_EQ(bodies, (std::vector<std::string>{"m39", "m38", "m37", "m36", "m35"}));
  std::string token = recent.at("nextToken").string();
  while (!token.empty()) {
    support->engineer_answers(id, "late", {}, now);  // arrivals must not shift the pages
    const auto page =
        call("DescribeCommunications", R"({"maxResults":10,"caseId":")" + id + R"(","nextToken":")" + token + R"("})");
    for (const auto& said : page.root().at("communications").items()) bodies.push_back(said.at("body").string());
    token = page.root().string("nextToken", "");
  }
  ASSERT_EQ(bodies.size(), 40u);
  for (int i = 0; i < 40; ++i) EXPECT_EQ(bodies[static_cast<std::size_t>(i)], "m" + std::to_string(39 - i));
  EXPECT_EQ(code("DescribeCases", R"({"nextToken":")" + recent.at("nextToken").string() + R"("})"),
            "ValidationException");
}

TEST_F(AwsSupportTest, ResolvedCasesAreLeftOutUnlessAskedFor) {
  start();
  const std::string id = open();
  const auto answer = call("ResolveCase", R"({"caseId":")" + id + R"("})");
  EXPECT_EQ(answer.root().at("finalCaseStatus").string(), "resolved");
  EXPECT_EQ(listed("{}"), 0u);
  EXPECT_EQ(listed(R"({"includeResolvedCases":true})"), 1u);
}

TEST_F(AwsSupportTest, AReplyReopensAResolvedCaseOrIsRefused) {
  start();
  const std::string id = open();
  support->engineer_resolves(id, now);
  const std::string reply = R"({"communicationBody":"again","caseId":")" + id + R"("})";
  EXPECT_EQ(code("AddCommunicationToCase", reply), "ok");
  EXPECT_EQ(support->find_case(id)->status, "reopened");
  start({.refuse_replies_to_resolved = true});
  const std::string other = open();
  support->engineer_resolves(other, now);
  EXPECT_EQ(code("AddCommunicationToCase", R"({"communicationBody":"again","caseId":")" + other + R"("})"),
            "ValidationException");
}

TEST_F(AwsSupportTest, OneExpiredIdSpoilsTheWholeList) {
  start();
  const std::string old = open();
  now += std::chrono::days{800};
  const std::string fresh = open();
  EXPECT_EQ(code("DescribeCases", R"({"caseIdList":[")" + fresh + R"("]})"), "ok");
  EXPECT_EQ(code("DescribeCases", R"({"caseIdList":[")" + fresh + R"(",")" + old + R"("]})"), "CaseIdNotFound");
  EXPECT_EQ(listed("{}"), 1u);
}

TEST_F(AwsSupportTest, CasesBelongToTheirAccount) {
  start();
  const std::string id = open();
  support->add_account("444455556666", SupportPlan::enterprise);
  key = iam.add_user("444455556666", "Other");
  EXPECT_EQ(code("DescribeCommunications", R"({"caseId":")" + id + R"("})"), "CaseIdNotFound");
  EXPECT_EQ(listed("{}"), 0u);
}

TEST_F(AwsSupportTest, TenCallsAMinute) {
  start();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(code("DescribeCases", "{}"), "ok");
  EXPECT_EQ(raw("DescribeCases", "{}").status, 400);
  EXPECT_EQ(code("DescribeCases", "{}"), "ThrottlingException");
  now += std::chrono::seconds{6};
  EXPECT_EQ(code("DescribeCases", "{}"), "ok");
  EXPECT_EQ(code("DescribeCases", "{}"), "ThrottlingException");
  EXPECT_EQ(support->calls("DescribeCases"), 11);
}

TEST_F(AwsSupportTest, APayersAccountsShareACeiling) {
  start({.calls_per_minute = 10, .payer_calls_per_minute = 12});
  support->add_account("444455556666", SupportPlan::business, account);
  for (int i = 0; i < 10; ++i) ASSERT_EQ(code("DescribeCases", "{}"), "ok");
  key = iam.add_user("444455556666", "Other");
  EXPECT_EQ(code("DescribeCases", "{}"), "ok");
  EXPECT_EQ(code("DescribeCases", "{}"), "ok");
  EXPECT_EQ(code("DescribeCases", "{}"), "ThrottlingException");
}

TEST_F(AwsSupportTest, PlansGateTheApiAndTheSeverities) {
  start({}, SupportPlan::developer);
  EXPECT_EQ(code("DescribeCases", "{}"), "SubscriptionRequiredException");
  support->change_plan(account, SupportPlan::business);
  EXPECT_EQ(call("DescribeSeverityLevels", "{}").root().at("severityLevels").items().size(), 4u);
  std::string critical = case_body("x");
  critical.replace(critical.find("normal"), 6, "critical");
  EXPECT_EQ(code("CreateCase", critical), "ValidationException");
  support->change_plan(account, SupportPlan::enterprise);
  EXPECT_EQ(code("CreateCase", critical), "ok");
}

TEST_F(AwsSupportTest, BodiesAreCheckedAgainstTheModel) {
  start({.calls_per_minute = 0});
  EXPECT_EQ(code("CreateCase", R"({"subject":"s"})"), "ValidationException");
  EXPECT_EQ(code("CreateCase", R"({"subject":"s","communicationBody":"b"})"), "ValidationException");  // no service
  EXPECT_EQ(code("CreateCase", case_body(std::string(8001, 'x'))), "ValidationException");
  std::string korean;
  for (int i = 0; i < 8000; ++i) korean += "가";
  EXPECT_EQ(code("CreateCase", case_body(korean)), "ok");  // characters, not bytes
  EXPECT_EQ(code("CreateCase", case_body("x", R"(,"idempotencyToken":"1")")), "ValidationException");
  EXPECT_EQ(code("DescribeCases", R"({"maxResults":9})"), "ValidationException");
  EXPECT_EQ(code("DescribeCases", R"({"maxResults":"10"})"), "SerializationException");
  EXPECT_EQ(code("DescribeCases", "{"), "SerializationException");
  EXPECT_EQ(code("DeleteCase", "{}"), "UnknownOperationException");
}

TEST_F(AwsSupportTest, AnAttachmentSetIsUsedOnceWithinItsHour) {
  start({.calls_per_minute = 0});
  const std::string file = R"({"fileName":"a.log","data":")" + digest::base64("log") + R"("})";
  const auto add = [&](const std::string& list) {
    return call("AddAttachmentsToSet", R"({"attachments":[)" + list + "]}").root().at("attachmentSetId").string();
  };
  const std::string set = add(file);
  const std::string id = open();
  const auto reply = [&](const std::string& used) {
    return code("AddCommunicationToCase",
                R"({"communicationBody":"b","caseId":")" + id + R"(","attachmentSetId":")" + used + R"("})");
  };
  EXPECT_EQ(reply(set), "ok");
  EXPECT_EQ(reply(set), "AttachmentSetIdNotFound");
  const std::string late = add(file);
  now += std::chrono::hours{1};
  EXPECT_EQ(reply(late), "AttachmentSetExpired");
  EXPECT_EQ(code("AddAttachmentsToSet", R"({"attachments":[)" + file + "," + file + "," + file + "," + file + "]}"),
            "AttachmentSetSizeLimitExceeded");
  const std::string large = digest::base64(std::string(5 * 1024 * 1024 + 1, 'x'));
  EXPECT_EQ(code("AddAttachmentsToSet", R"({"attachments":[{"fileName":"l","data":")" + large + R"("}]})"),
            "AttachmentSetSizeLimitExceeded");

  const std::string attachment = support->find_case(id)->communications.back().attachments.at(0);
  const auto download = call("DescribeAttachment", R"({"attachmentId":")" + attachment + R"("})");
  EXPECT_EQ(download.root().at("attachment").at("data").string(), digest::base64("log"));
}

TEST_F(AwsSupportTest, ListsMayLagButNeverBeyondTheirBound) {
  start({.calls_per_minute = 0, .list_lag = Millis{60'000}});
  open();
  int hidden = 0;
  for (int i = 0; i < 30; ++i) hidden += listed("{}") == 0;
  EXPECT_GT(hidden, 0);
  now += std::chrono::minutes{1};
  for (int i = 0; i < 30; ++i) EXPECT_EQ(listed("{}"), 1u);
}

TEST_F(AwsSupportTest, TooManyCasesADay) {
  start({.calls_per_minute = 0, .cases_per_day = 2});
  open();
  open();
  EXPECT_EQ(code("CreateCase", case_body("x")), "CaseCreationLimitExceeded");
  now += std::chrono::days{1};
  EXPECT_EQ(code("CreateCase", case_body("x")), "ok");
}

TEST_F(AwsSupportTest, AfterTimeLooksAtCommunications) {
  start({.calls_per_minute = 0});
  const std::string id = open();
  now += std::chrono::hours{5};
  const std::string since = R"({"afterTime":"2026-03-02T04:00:00Z"})";
  EXPECT_EQ(listed(since), 0u);
  support->engineer_takes(id, now);  // a status alone is invisible to the window
  EXPECT_EQ(listed(since), 0u);
  support->engineer_answers(id, "news", {}, now);
  EXPECT_EQ(listed(since), 1u);
  EXPECT_EQ(support->find_case(id)->status, "pending-customer-action");
}

}  // namespace
}  // namespace supportd::fakes
