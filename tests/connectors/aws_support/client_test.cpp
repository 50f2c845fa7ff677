#include "connectors/aws_support/client.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "daemon/digest.hpp"
#include "tests/connectors/scripted.hpp"
#include "tests/shared.hpp"

namespace supportd::connectors::aws_support {
namespace {

using tests::thrown_by;
constexpr auto live = http::Priority::live;

class Keys final : public aws::CredentialsProvider {
 public:
  aws::Credentials get(std::stop_token) override { return {"AKID", "secret", "", {}}; }
};

std::string text_of(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

class SupportClient : public testing::Test {
 protected:
  tests::ScriptedClient http;
  tests::StandingClock clock{"2026-11-21T00:00:00Z"};
  aws::Endpoint endpoint{"https://support.us-east-1.amazonaws.com", {"us-east-1", "support"}};
  Keys keys;
  aws::JsonClient calls{http, clock, endpoint, keys, {std::string(target), "aws_support"}};
  Client client{calls, "aws:111122223333"};
  NewCase new_case{
      "Down [abcdefghij]", "It is down", "amazon-elastic-compute-cloud-linux", "issue", "high", "ko", {}, ""};

  void expect_refused(const std::function<void()>& call) {
    EXPECT_EQ(thrown_by(call), std::pair(ErrorKind::refused, std::string("ValidationException")));
    EXPECT_EQ(http.asked.size(), 0U);
  }
};

TEST_F(SupportClient, DescribesCases) {
  http.then(200, R"({"nextToken":"N","surprise":[1],"cases":[{"caseId":"case-1","displayId":"17","subject":"S",
    "status":"brand-new-status","serviceCode":"ec2","categoryCode":"c","severityCode":"high","language":"ko",
    "submittedBy":"AdminRole (Role) &lt;jane@example.com&gt;","timeCreated":"2026-11-20T01:02:03.456Z",
    "ccEmailAddresses":["a@b.example"],"recentCommunications":{"nextToken":"R","communications":[
      {"caseId":"case-1","body":"hi","submittedBy":"Amazon Web Services","timeCreated":"2026-11-20T01:02:03.4Z",
       "attachmentSet":[{"attachmentId":"att-1","fileName":"../x.log"}]}]}}]})");
  const CasePage page = client.describe_cases({.ids = {"case-1"},
                                               .display_id = {},
                                               .after = time::parse_instant("2026-11-19T00:00:00Z").value(),
                                               .include_resolved = true,
                                               .include_communications = true,
                                               .max_results = 10,
                                               .next_token = "T"},
                                              live);
  EXPECT_EQ(http.asked.at(0).body,
            R"({"caseIdList":["case-1"],"afterTime":"2026-11-19T00:00:00Z","includeResolvedCases":true,)"
            R"("includeCommunications":true,"maxResults":10,"nextToken":"T"})");
  EXPECT_TRUE(http.asked.at(0).safe);
  EXPECT_EQ(http.asked.at(0).budget, "aws:111122223333");
  EXPECT_EQ(page.next_token, "N");
  const Case& one = page.cases.at(0);
  EXPECT_EQ(one.status, "brand-new-status");
  EXPECT_EQ(one.submitted_by, "AdminRole (Role) <jane@example.com>");
  EXPECT_EQ(time::to_text(one.created), "2026-11-20T01:02:03.456Z");
  EXPECT_EQ(one.recent_next_token, "R");
  EXPECT_EQ(time::to_text(one.recent.at(0).created), "2026-11-20T01:02:03.400Z");
  EXPECT_EQ(one.recent.at(0).attachments.at(0).file_name, "../x.log");
}

TEST_F(SupportClient, ABadRowDoesNotSpoilThePage) {
  http.then(200, R"({"cases":[{"caseId":"a","timeCreated":"2026-11-20T00:00:00Z","recentCommunications":
    {"communications":[{"body":5,"timeCreated":"2026-11-20T00:00:00Z"},{"timeCreated":"2026-11-20T00:00:00Z"}]}},
    {"caseId":"b"},{"caseId":7,"timeCreated":"2026-11-20T00:00:00Z"},"c",{"caseId":"d","timeCreated":"yesterday"}]})");
  const CasePage page = client.describe_cases({}, live);
  ASSERT_EQ(page.cases.size(), 1U);
  EXPECT_EQ(page.cases[0].recent.at(0).case_id, "a");
  std::vector<std::string> ids;
  for (const BadRow& row : page.bad) ids.push_back(row.id);
  EXPECT_THAT(ids, testing::ElementsAre("a", "b", "", "", "d"));
  EXPECT_EQ(page.bad[1].raw, R"({"caseId":"b"})");
  EXPECT_EQ(page.bad[1].error, "/cases/1/timeCreated: missing");
}

TEST_F(SupportClient, AnEmptyPageWithATokenIsNotTheLast) {
  http.then(200, R"({"cases":[],"nextToken":"more"})").then(200, "{}");
  EXPECT_EQ(client.describe_cases({}, live).next_token, "more");
  EXPECT_EQ(client.describe_cases({}, live).next_token, "");
}

TEST_F(SupportClient, HostilePagesAreCorrupt) {
  for (const std::string& body :
       {std::string("[]"), std::string("{\"cases\":{}}"), std::string("{\"cases\":[{\"caseId\":"), std::string("null"),
        std::string("{\"nextToken\":5}"), std::string("{\"cases\":[]}\0", 13), std::string("{\"x\":\"\xc3\"}"),
        "{\"cases\":" + std::string(100'000, '[')}) {
    http.then(200, body);
    EXPECT_EQ(thrown_by([&] { client.describe_cases({}, live); }).first, ErrorKind::corrupt) << body.substr(0, 40);
  }
}

TEST_F(SupportClient, DescribesCommunications) {
  http.then(200, R"({"communications":[{"body":"hi","submittedBy":"x","timeCreated":"2026-11-20T01:02:03.456Z"},
    {"timeCreated":null}],"nextToken":"N"})");
  const auto page =
      client.describe_communications({.case_id = "case-1", .after = {}, .max_results = 100, .next_token = "T"}, live);
  EXPECT_EQ(http.asked.at(0).body, R"({"caseId":"case-1","maxResults":100,"nextToken":"T"})");
  EXPECT_EQ(page.communications.at(0).case_id, "case-1");
  EXPECT_EQ(page.bad.at(0).id, "case-1");
  EXPECT_EQ(page.next_token, "N");
}

TEST_F(SupportClient, CreatesACase) {
  http.then(200, R"({"caseId":"case-9"})");
  new_case.attachment_set_id = "as-1";
  new_case.cc = {"x@y.example"};
  EXPECT_EQ(client.create_case(new_case, live), "case-9");
  EXPECT_FALSE(http.asked.at(0).safe);
  EXPECT_EQ(http.asked.at(0).body,
            R"({"subject":"Down [abcdefghij]","communicationBody":"It is down",)"
            R"("serviceCode":"amazon-elastic-compute-cloud-linux","categoryCode":"issue","severityCode":"high",)"
            R"("issueType":"technical","language":"ko","ccEmailAddresses":["x@y.example"],"attachmentSetId":"as-1"})");
}

TEST_F(SupportClient, AWriteWhoseAnswerSaysNothingIsUnknown) {
  http.then(200, "{}").then(200, R"({"caseId":5})").then(200, "{}").then(200, R"({"result":false})");
  http.then(200, R"({"finalCaseStatus":[]})");
  EXPECT_EQ(thrown_by([&] { client.create_case(new_case, live); }).first, ErrorKind::unknown_outcome);
  EXPECT_EQ(thrown_by([&] { client.create_case(new_case, live); }).first, ErrorKind::unknown_outcome);
  EXPECT_EQ(thrown_by([&] { client.add_communication({"c", "b", {}, ""}, live); }).first, ErrorKind::unknown_outcome);
  EXPECT_EQ(thrown_by([&] { client.add_communication({"c", "b", {}, ""}, live); }).first, ErrorKind::unknown_outcome);
  EXPECT_EQ(thrown_by([&] { client.resolve_case("c", live); }).first, ErrorKind::unknown_outcome);
}

TEST_F(SupportClient, LimitsAreCheckedBeforeSending) {
  const std::string syllable = "\xED\x95\x9C";  // one character, three bytes
  std::string body;
  for (int i = 0; i < 8000; ++i) body += syllable;
  expect_refused([&] { client.add_communication({"c", body + "x", {}, ""}, live); });
  expect_refused([&] { client.add_communication({"c", "", {}, ""}, live); });
  expect_refused([&] { client.add_communication({"", "b", {}, ""}, live); });
  expect_refused([&] { client.add_communication({"c", "b", std::vector<std::string>(11, "a@b.example"), ""}, live); });
  expect_refused([&] { client.create_case({}, live); });
  expect_refused([&] { client.resolve_case("", live); });
  CaseQuery query;
  query.ids.assign(101, "c");
  expect_refused([&] { client.describe_cases(query, live); });
  for (int results : {9, 101}) {
    expect_refused([&] {
      client.describe_communications({.case_id = "c", .after = {}, .max_results = results, .next_token = {}}, live);
    });
  }
  expect_refused([&] { client.add_attachments_to_set({}, live); });
  expect_refused([&] { client.add_attachments_to_set(std::vector<NewFile>(4, {"f", "", "x"}), live); });
  expect_refused([&] { client.add_attachments_to_set({{"f", "", std::string(most_file_bytes + 1, 'x')}}, live); });

  http.then(200, R"({"result":true})").then(200, "{}");
  client.add_communication({"c", body, std::vector<std::string>(10, "a@b.example"), ""}, live);
  query.ids.assign(100, "c");
  client.describe_cases(query, live);
}

TEST_F(SupportClient, AttachmentsBothWays) {
  const std::string bytes("\0\xff%PDF", 6);
  http.then(200, R"({"attachmentSetId":"as-1","expiryTime":"2026-11-21T01:00:00.000Z"})");
  const AttachmentSet set = client.add_attachments_to_set({{"a.pdf", "application/pdf", bytes}}, live);
  EXPECT_EQ(set.id, "as-1");
  EXPECT_EQ(http.asked.at(0).body,
            R"({"attachments":[{"fileName":"a.pdf","data":")" + digest::base64(bytes) + R"("}]})");
  http.then(200, R"({"attachment":{"fileName":"a.pdf","data":")" + digest::base64(bytes) + R"("}})");
  EXPECT_EQ(client.describe_attachment("att-1", live).data, bytes);
  http.then(200, R"({"attachment":{"fileName":"a","data":"*"}})");
  EXPECT_EQ(thrown_by([&] { client.describe_attachment("att-1", live); }).first, ErrorKind::corrupt);
}

TEST_F(SupportClient, ServicesAndSeverities) {
  http.then(200, R"({"services":[{"code":"ec2","name":"EC2","categories":[{"code":"g","name":"General"}]}]})");
  http.then(200, R"({"severityLevels":[{"code":"low","name":"General guidance"},{"code":"weird"}]})");
  EXPECT_EQ(client.describe_services("en").at(0).categories.at(0).name, "General");
  EXPECT_EQ(client.describe_severity_levels("").at(1).code, "weird");
  EXPECT_EQ(http.asked.at(0).body, R"({"language":"en"})");
  EXPECT_EQ(http.asked.at(1).body, "{}");
}

TEST(SupportModel, Entities) {
  EXPECT_EQ(unescape_entities("a &lt;b&gt; &amp;amp; &#39;&#x27; &nope; & &#0; &#xD800;"),
            "a <b> &amp; '' &nope; & &#0; &#xD800;");
  EXPECT_EQ(count_characters("a\xED\x95\x9C\xff"), 3U);
}

// Every call, so that the policy can be held against what really leaves.
TEST_F(SupportClient, ThePolicyAllowsExactlyWhatIsCalled) {
  for (const char* body :
       {"{}", "{}", R"({"attachment":{}})", R"({"services":[]})", R"({"severityLevels":[]})", R"({"caseId":"c"})",
        R"({"result":true})", "{}", R"({"attachmentSetId":"s","expiryTime":"2026-11-21T00:00:00Z"})"}) {
    http.then(200, body);
  }
  client.describe_cases({}, live);
  client.describe_communications({.case_id = "c", .after = {}, .max_results = 100, .next_token = {}}, live);
  client.describe_attachment("a", live);
  client.describe_services("");
  client.describe_severity_levels("");
  client.create_case(new_case, live);
  client.add_communication({"c", "b", {}, ""}, live);
  client.resolve_case("c", live);
  client.add_attachments_to_set({{"f", "", "x"}}, live);
  std::set<std::string> called;
  for (const http::Request& request : http.asked) {
    const std::string name = *request.headers.get("X-Amz-Target");
    called.insert("support:" + name.substr(name.find('.') + 1));
  }
  EXPECT_THAT(action_names(), testing::ElementsAreArray(called));

  const std::filesystem::path etc = std::filesystem::path(SUPPORTD_SOURCE) / "etc/aws";
  const std::string policy_text = text_of(etc / "iam-policy.json");
  const auto policy = json::Document::parse(policy_text);
  EXPECT_THAT(policy.root().at("Statement").items().at(0).strings("Action"), testing::ElementsAreArray(action_names()));
  const std::string trust_text = text_of(etc / "trust-policy.json");
  const auto trust = json::Document::parse(trust_text);
  EXPECT_EQ(trust.root().at("Statement").items().at(0).at("Action").string(), "sts:AssumeRole");
}

// Members, requirements and lengths of AWS's own service model.
void check_shape(const json::View& shapes, const std::string& name, const json::View& value) {
  const json::View shape = shapes.at(name);
  const std::string type = shape.at("type").string();
  if (type == "structure") {
    for (const std::string& required : shape.strings("required")) EXPECT_TRUE(value.find(required)) << name << required;
    for (const auto& [member, content] : value.members()) {
      const auto known = shape.at("members").find(member);
      ASSERT_TRUE(known) << name << " has no " << member;
      check_shape(shapes, known->at("shape").string(), content);
    }
  } else if (type == "list") {
    EXPECT_LE(static_cast<std::int64_t>(value.items().size()), shape.integer("max", 1'000'000));
    for (const json::View& item : value.items()) check_shape(shapes, shape.at("member").at("shape").string(), item);
  } else if (type == "boolean") {
    EXPECT_TRUE(value.is_boolean()) << name;
  } else if (type == "integer") {
    EXPECT_GE(value.integer(), shape.integer("min", 0)) << name;
    EXPECT_LE(value.integer(), shape.integer("max", 1'000'000)) << name;
  } else {
    EXPECT_TRUE(value.is_string()) << name;
  }
}

TEST_F(SupportClient, RequestsFitTheServiceModel) {
  const auto path = std::filesystem::path(SUPPORTD_SHARED) / "specs/aws/support/service-2.json";
  SUPPORTD_NEED_SHARED(path);
  const std::string text = text_of(path);
  const auto model = json::Document::parse(text);
  for (const char* body : {"{}", R"({"caseId":"c"})", R"({"result":true})", "{}",
                           R"({"attachmentSetId":"s","expiryTime":"2026-11-21T00:00:00Z"})"}) {
    http.then(200, body);
  }
  CaseQuery query;
  query.ids = {"a"};
  query.display_id = "1";
  query.after = Instant{};
  query.next_token = "t";
  client.describe_cases(query, live);
  new_case.cc = {"a@b.example"};
  new_case.attachment_set_id = "s";
  client.create_case(new_case, live);
  client.add_communication({"c", "b", {"a@b.example"}, "s"}, live);
  client.resolve_case("c", live);
  client.add_attachments_to_set({{"f", "", "x"}}, live);
  for (const http::Request& request : http.asked) {
    const std::string action = request.headers.get("X-Amz-Target")->substr(target.size() + 1);
    const std::string shape = model.root().at("operations").at(action).at("input").at("shape").string();
    const auto document = json::Document::parse(request.body);
    check_shape(model.root().at("shapes"), shape, document.root());
  }
}

}  // namespace
}  // namespace supportd::connectors::aws_support
