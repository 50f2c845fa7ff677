// Signatures, roles, secrets and the service model.
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/fakes/aws_support.hpp"
#include "tests/fakes/secrets_manager.hpp"
#include "tests/fakes/signed_call.hpp"
#include "tests/fakes/sts.hpp"

namespace supportd::fakes {
namespace {

const Instant now = *time::parse_instant("2015-08-30T12:36:00Z");
const SigningScope scope{"us-east-1", "service"};

std::string verdict(const http::Request& request, const Iam& iam, Instant at = now) {
  const auto verified = verify_sigv4(request, scope, iam, at);
  const auto* failure = std::get_if<AuthFailure>(&verified);
  return failure ? failure->code : "ok";
}

// AWS's published example "post-x-www-form-urlencoded".
http::Request published() {
  http::Request request;
  request.method = "POST";
  request.url = "https://example.amazonaws.com/";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"},
                     {"Host", "example.amazonaws.com"},
                     {"X-Amz-Date", "20150830T123600Z"},
                     {"Authorization",
                      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
                      "SignedHeaders=content-type;host;x-amz-date, "
                      "Signature=ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"}};
  request.body = "Param1=value1";
  return request;
}

class Sigv4VerifierTest : public testing::Test {
 protected:
  void SetUp() override {
    iam.add_user("111122223333", "User", "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
  }
  Iam iam;
};

TEST_F(Sigv4VerifierTest, AcceptsThePublishedExample) { EXPECT_EQ(verdict(published(), iam), "ok"); }

TEST_F(Sigv4VerifierTest, RefusesWhatWasTamperedWith) {
  http::Request request = published();
  request.body += "2";
  EXPECT_EQ(verdict(request, iam), "InvalidSignatureException");
  request = published();
  request.headers.set("Content-Type", "text/plain");
  EXPECT_EQ(verdict(request, iam), "InvalidSignatureException");
  request = published();
  request.headers.add("X-Amz-Target", "unsigned");
  EXPECT_EQ(verdict(request, iam), "InvalidSignatureException");
  request = published();
  request.headers.add("X-Amz-Security-Token", "foreign");
  EXPECT_EQ(verdict(request, iam), "UnrecognizedClientException");
  request = published();
  request.headers = {};
  EXPECT_EQ(verdict(request, iam), "MissingAuthenticationTokenException");
}

TEST_F(Sigv4VerifierTest, RefusesAClockThatIsOff) {
  EXPECT_EQ(verdict(published(), iam, now + std::chrono::minutes{5}), "ok");
  EXPECT_EQ(verdict(published(), iam, now + std::chrono::minutes{5} + Millis{1}), "InvalidSignatureException");
  EXPECT_EQ(verdict(published(), iam, now - std::chrono::minutes{6}), "InvalidSignatureException");
}

class StsTest : public testing::Test {
 protected:
  std::string code(const std::string& fields) {
    http::Request request = signed_call(user, {"us-east-1", "sts"}, "", fields, now);
    const std::string body = sts.answer(request, now).body;
    const std::size_t start = body.find("<Code>");
    return start == std::string::npos ? "ok" : body.substr(start + 6, body.find("</Code>") - start - 6);
  }
  Iam iam;
  AwsKey user = iam.add_user("111122223333", "Daemon");
  std::string role = iam.add_role("444455556666", "SupportdRole", "outside-7", {user.arn});
  Sts sts{iam};
  const std::string form =
      "Action=AssumeRole&Version=2011-06-15&RoleSessionName=supportd&RoleArn=" + http::percent_encode(role);
};

TEST_F(StsTest, TheExternalIdDecides) {
  EXPECT_EQ(code(form + "&ExternalId=outside-7"), "ok");
  EXPECT_EQ(code(form + "&ExternalId=outside-8"), "AccessDenied");
  EXPECT_EQ(code(form), "AccessDenied");
  EXPECT_EQ(code(form + "&ExternalId=outside-7&DurationSeconds=7200"), "ValidationError");
  user = iam.add_user("777788889999", "Stranger");
  EXPECT_EQ(code(form + "&ExternalId=outside-7"), "AccessDenied");
}

TEST_F(StsTest, ASessionEnds) {
  const AwsKey session = iam.open_session(*iam.role(role), "s", now + std::chrono::hours{1});
  SecretsManager secrets(iam);
  secrets.put("444455556666", "desk/key", "hunter2", now);
  const auto read = [&](Instant at) {
    return secrets
        .answer(signed_call(session, {"us-east-1", "secretsmanager"}, "secretsmanager.GetSecretValue",
                            R"({"SecretId":"desk/key"})", at),
                at)
        .body;
  };
  EXPECT_NE(read(now).find("\"SecretString\":\"hunter2\""), std::string::npos);
  EXPECT_NE(read(now + std::chrono::hours{1}).find("ExpiredTokenException"), std::string::npos);
}

void expect_extract(const ServiceModel& built_in, const ServiceModel& published_model) {
  for (const auto& [operation, name] : built_in.inputs()) {
    ASSERT_TRUE(published_model.has(operation)) << operation;
    const auto& ours = built_in.shape(name);
    const auto& theirs = published_model.shape(published_model.inputs().at(operation));
    EXPECT_EQ(ours.required, theirs.required) << operation;
    ASSERT_EQ(ours.members.size(), theirs.members.size()) << operation;
    for (const auto& [member, shape] : theirs.members) {
      ASSERT_TRUE(ours.members.contains(member)) << operation << " " << member;
      const auto& a = built_in.shape(ours.members.at(member));
      const auto& b = published_model.shape(shape);
      EXPECT_EQ(std::tie(a.type, a.min, a.max, a.pattern, a.values),
                std::tie(b.type, b.min, b.max, b.pattern, b.values))
          << operation << " " << member;
    }
  }
}

TEST(ServiceModelTest, TheBuiltInExtractsEqualThePublishedModels) {
  if (!std::filesystem::is_directory(SUPPORTD_SHARED)) GTEST_SKIP() << "no shared folder: " SUPPORTD_SHARED;
  expect_extract(ServiceModel::aws_support_built_in(), ServiceModel::aws_support(SUPPORTD_SHARED));
  expect_extract(ServiceModel::sqs_built_in(), ServiceModel::sqs(SUPPORTD_SHARED));
}

TEST(ServiceModelTest, AMissingModelIsAFailureWhereTheSharedFolderExists) {
  EXPECT_THROW(ServiceModel::aws_support(testing::TempDir()), Error);
  EXPECT_THROW(ServiceModel::sqs(testing::TempDir()), Error);
  EXPECT_TRUE(ServiceModel::aws_support("/nonexistent/shared").has("CreateCase"));
}

}  // namespace
}  // namespace supportd::fakes
