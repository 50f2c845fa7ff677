#include "connectors/aws/errors.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "daemon/json.hpp"
#include "tests/shared.hpp"

namespace supportd::connectors::aws {
namespace {

http::Response answer(int status, std::string body, http::Headers headers = {}) {
  return {.status = status, .headers = std::move(headers), .body = std::move(body)};
}

ErrorKind kind(int status, const std::string& code, bool safe = true) {
  const auto response = answer(status, "");
  return to_error({status, code, ""}, response, safe, "test", Instant{}).kind();
}

// The error cases of the Smithy protocol suite, JSON 1.1 and query.
void run_suite(const std::string& file, ServiceError (*parse)(const http::Response&), int expected) {
  const auto path = std::filesystem::path(SUPPORTD_SHARED) / "specs/aws/protocol-tests/output" / file;
  SUPPORTD_NEED_SHARED(path);
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  const auto document = json::Document::parse(text.str());
  int count = 0;
  for (const json::View& suite : document.root().items()) {
    for (const json::View& one : suite.at("cases").items()) {
      const auto code = one.find("errorCode");
      if (!code) continue;
      SCOPED_TRACE(one.at("id").string());
      const json::View response = one.at("response");
      http::Headers headers;
      for (const auto& [name, value] : response.at("headers").members()) headers.add(name, value.string());
      const ServiceError error =
          parse(answer(static_cast<int>(response.at("status_code").integer()), response.string("body", ""), headers));
      EXPECT_EQ(error.code, code->string());
      if (const auto message = one.find("errorMessage")) {
        EXPECT_EQ(error.message, message->string());
      }
      ++count;
    }
  }
  EXPECT_GE(count, expected);
}

TEST(AwsErrors, ProtocolSuiteJson) { run_suite("json.json", parse_json_error, 11); }
TEST(AwsErrors, ProtocolSuiteQuery) { run_suite("query.json", parse_xml_error, 3); }

TEST(AwsErrors, UnreadableAnswersHaveNoCode) {
  for (const char* body : {"", "<html>502</html>", "[1]", "\"x\"", "{\"__type\":5}", "{\"__type\"", "\xff\xfe"}) {
    const ServiceError error = parse_json_error(answer(502, body));
    EXPECT_EQ(error.code, "") << body;
    EXPECT_EQ(error.status, 502);
  }
  EXPECT_EQ(parse_xml_error(answer(400, "<ErrorResponse><Error>")).code, "");
  EXPECT_EQ(parse_xml_error(answer(400, "<!DOCTYPE x><ErrorResponse/>")).code, "");
}

TEST(AwsErrors, Kinds) {
  for (const char* code : {"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded",
                           "AttachmentLimitExceeded", "DescribeAttachmentLimitExceeded"}) {
    EXPECT_EQ(kind(400, code), ErrorKind::throttled) << code;
    EXPECT_EQ(kind(400, code, false), ErrorKind::throttled) << code;
  }
  EXPECT_EQ(kind(429, ""), ErrorKind::throttled);
  for (const char* code :
       {"ValidationException", "SubscriptionRequiredException", "CaseCreationLimitExceeded", "SomethingNew", ""}) {
    EXPECT_EQ(kind(400, code), ErrorKind::refused) << code;
  }
  for (const char* code : {"AccessDenied", "AccessDeniedException"}) {
    EXPECT_EQ(kind(403, code), ErrorKind::config) << "an operator mends the policy: " << code;
    EXPECT_EQ(kind(400, code, false), ErrorKind::config) << code;
  }
  EXPECT_EQ(kind(400, "CaseIdNotFound"), ErrorKind::gone);
  EXPECT_EQ(kind(400, "AttachmentIdNotFound"), ErrorKind::gone);
  EXPECT_EQ(kind(400, "AttachmentSetExpired"), ErrorKind::conflict);
  EXPECT_EQ(kind(400, "UnrecognizedClientException"), ErrorKind::config);
  EXPECT_EQ(kind(400, "ExpiredTokenException"), ErrorKind::config);
  EXPECT_EQ(kind(500, "InternalServerError"), ErrorKind::unreachable);
  EXPECT_EQ(kind(503, ""), ErrorKind::unreachable);
  EXPECT_EQ(kind(500, "InternalServerError", false), ErrorKind::unknown_outcome);
}

TEST(AwsErrors, RetryAfterAndCodeAreKept) {
  const auto response = answer(429, "", {{"Retry-After", "7"}});
  const Error error = to_error({429, "ThrottlingException", "slow"}, response, true, "describe_cases", Instant{});
  EXPECT_EQ(error.retry_after(), Millis{7000});
  EXPECT_EQ(error.code(), "ThrottlingException");
  EXPECT_STREQ(error.what(), "describe_cases: ThrottlingException: slow");
  EXPECT_EQ(to_error({429, "", ""}, answer(429, "", {{"Retry-After", "soon"}}), true, "x", Instant{}).retry_after(),
            std::nullopt);
}

TEST(AwsErrors, ThrottlingPausesTheBudget) {
  const auto pause = [](int status, const char* body) { return read_rate({}, answer(status, body), Instant{}).pause; };
  EXPECT_EQ(pause(400, R"({"__type":"ThrottlingException"})"), Millis{1000});
  EXPECT_EQ(pause(429, ""), Millis{1000});
  EXPECT_EQ(pause(400, R"({"__type":"ValidationException"})"), std::nullopt);
  EXPECT_EQ(pause(200, "{}"), std::nullopt);
}

TEST(AwsErrors, OnlyTheFirstLineIsShown) {
  const auto error = parse_json_error(
      answer(403, R"({"__type":"InvalidSignatureException","message":"no match\n\nx-amz-security-token:SECRET"})"));
  EXPECT_EQ(error.message, "no match");
}

}  // namespace
}  // namespace supportd::connectors::aws
