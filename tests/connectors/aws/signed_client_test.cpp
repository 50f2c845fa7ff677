#include <gtest/gtest.h>

#include "connectors/aws/json_client.hpp"
#include "tests/connectors/scripted.hpp"

namespace supportd::connectors::aws {
namespace {

using tests::thrown_by;

class CountedKeys final : public CredentialsProvider {
 public:
  Credentials get(std::stop_token) override { return {"AKID" + std::to_string(expired), "secret", "token", {}}; }
  void expire(const Credentials& used) override {
    EXPECT_EQ(used.access_key, "AKID" + std::to_string(expired));
    ++expired;
  }
  int expired = 0;
};

class SignedClientTest : public testing::Test {
 protected:
  tests::ScriptedClient http;
  tests::StandingClock clock{"2026-11-21T00:00:00Z"};
  Endpoint endpoint{"https://support.us-east-1.amazonaws.com", {"us-east-1", "support"}};
  CountedKeys keys;
  JsonClient client{http, clock, endpoint, keys, {"AWSSupport_20130415", "aws_support"}};
  CallOptions read{.safe = true};
  CallOptions write{};

  // The answer as it came.
  std::string call(const char* action, const CallOptions& options) {
    return client.call(action, "{}", options, {}, [](const json::View& root) { return root.dump(); });
  }
  static std::string error(const char* code) { return std::string(R"({"__type":")") + code + R"(","message":"m"})"; }
};

TEST_F(SignedClientTest, PostsSignedJson) {
  http.then(200, R"({"cases":[]})");
  read.operation = "describe_cases";
  read.budget = "aws:1";
  EXPECT_EQ(call("DescribeCases", read), R"({"cases":[]})");
  const http::Request& sent = http.asked.at(0);
  EXPECT_EQ(sent.method, "POST");
  EXPECT_EQ(sent.url, "https://support.us-east-1.amazonaws.com/");
  EXPECT_EQ(sent.headers.get("X-Amz-Target"), "AWSSupport_20130415.DescribeCases");
  EXPECT_EQ(sent.headers.get("Content-Type"), "application/x-amz-json-1.1");
  EXPECT_TRUE(sent.headers.get("Authorization")->find("/20261121/us-east-1/support/aws4_request") != std::string::npos);
  EXPECT_TRUE(sent.safe);
  EXPECT_EQ(sent.system, "aws_support");
  EXPECT_EQ(sent.operation, "describe_cases");
  EXPECT_EQ(sent.budget, "aws:1");
}

TEST_F(SignedClientTest, SkewIsMeasuredOnceAndKept) {
  http.then(400, error("InvalidSignatureException"), {{"Date", "Sat, 21 Nov 2026 00:10:00 GMT"}});
  http.then(200, "{}").then(200, "{}");
  call("CreateCase", write);
  EXPECT_EQ(endpoint.skew(), std::chrono::minutes(10));
  EXPECT_EQ(http.asked.at(0).headers.get("X-Amz-Date"), "20261121T000000Z");
  EXPECT_EQ(http.asked.at(1).headers.get("X-Amz-Date"), "20261121T001000Z");
  call("CreateCase", write);
  EXPECT_EQ(http.asked.at(2).headers.get("X-Amz-Date"), "20261121T001000Z");
}

TEST_F(SignedClientTest, ABadSignatureWithAGoodClockIsNotRepeated) {
  http.then(400, error("InvalidSignatureException"), {{"Date", "Sat, 21 Nov 2026 00:00:01 GMT"}});
  EXPECT_EQ(thrown_by([&] { call("DescribeCases", read); }),
            std::pair(ErrorKind::config, std::string("InvalidSignatureException")));
  http.then(400, error("RequestExpired"));  // no Date at all
  EXPECT_EQ(thrown_by([&] { call("DescribeCases", read); }).first, ErrorKind::config);
}

TEST_F(SignedClientTest, ExpiredKeysAreRenewedOnce) {
  http.then(400, error("ExpiredTokenException")).then(200, "{}");
  call("ResolveCase", write);
  EXPECT_EQ(keys.expired, 1);
  EXPECT_NE(http.asked.at(1).headers.get("Authorization")->find("AKID1/"), std::string::npos);
  http.then(400, error("ExpiredTokenException")).then(400, error("ExpiredTokenException"));
  EXPECT_EQ(thrown_by([&] { call("ResolveCase", write); }).first, ErrorKind::config);
  EXPECT_EQ(http.left(), 0U);
}

TEST_F(SignedClientTest, OtherErrorsAreNotRepeated) {
  http.then(400, error("ThrottlingException"));
  EXPECT_EQ(thrown_by([&] { call("DescribeCases", read); }).first, ErrorKind::throttled);
  http.then(500, "<html>");
  EXPECT_EQ(thrown_by([&] { call("DescribeCases", read); }).first, ErrorKind::unreachable);
  EXPECT_EQ(http.asked.size(), 2U);
}

TEST_F(SignedClientTest, AnUnreadableAnswerToAWriteLeavesItsOutcomeUnknown) {
  for (const std::string& body : {std::string("<html>"), std::string("{\"caseId\":"), std::string("{}\0", 3),
                                  std::string("{\"a\":\"\xff\"}"), std::string()}) {
    http.then(200, body).then(200, body);
    EXPECT_EQ(thrown_by([&] { call("DescribeCases", read); }).first, ErrorKind::corrupt);
    EXPECT_EQ(thrown_by([&] { call("CreateCase", write); }).first, ErrorKind::unknown_outcome);
  }
  http.then(Error(ErrorKind::corrupt, "the answer is too long"));
  EXPECT_EQ(thrown_by([&] { call("CreateCase", write); }).first, ErrorKind::unknown_outcome);
}

}  // namespace
}  // namespace supportd::connectors::aws
