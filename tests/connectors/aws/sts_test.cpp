#include "connectors/aws/sts.hpp"

#include <gtest/gtest.h>

#include <latch>

#include "connectors/aws/secrets_manager.hpp"
#include "tests/connectors/scripted.hpp"

namespace supportd::connectors::aws {
namespace {

using tests::thrown_by;

Instant at(const char* text) { return time::parse_instant(text).value(); }

class Keys final : public CredentialsProvider {
 public:
  explicit Keys(std::string token) : token_(std::move(token)) {}
  Credentials get(std::stop_token) override { return {"AKID", "secret", token_, {}}; }

 private:
  const std::string token_;
};

constexpr const char* answer =
    "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n<AssumeRoleResult>\n"
    "<AssumedRoleUser><Arn>arn:x</Arn><AssumedRoleId>ARO:supportd</AssumedRoleId></AssumedRoleUser>\n"
    "<Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>a/b+c</SecretAccessKey>"
    "<SessionToken>Fwo==</SessionToken><Expiration>2026-11-21T01:00:00Z</Expiration></Credentials>\n"
    "</AssumeRoleResult>\n<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata>\n</AssumeRoleResponse>";

class StsTest : public testing::Test {
 protected:
  tests::ScriptedClient http;
  tests::StandingClock clock{"2026-11-21T00:00:00Z"};
  Endpoint endpoint{"http://127.0.0.1:9", {"eu-west-1", "sts"}};
  Sts sts{http, clock, endpoint};
  Keys base{""};
  Role role{"arn:aws:iam::111122223333:role/desk", "a=b", "supportd", std::chrono::hours(2)};
};

TEST_F(StsTest, AssumesARole) {
  http.then(200, answer);
  const Credentials keys = sts.assume(role, base, {});
  EXPECT_EQ(keys.access_key, "ASIA");
  EXPECT_EQ(keys.secret_key, "a/b+c");
  EXPECT_EQ(keys.session_token, "Fwo==");
  EXPECT_EQ(keys.expires, at("2026-11-21T01:00:00Z"));
  EXPECT_EQ(http.asked.at(0).body,
            "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2Fdesk"
            "&RoleSessionName=supportd&DurationSeconds=7200&ExternalId=a%3Db");
  EXPECT_NE(http.asked.at(0).headers.get("Authorization")->find("/eu-west-1/sts/"), std::string::npos);
}

TEST_F(StsTest, AChainedRoleLastsAnHour) {
  http.then(200, answer);
  Keys chained("token");
  sts.assume(role, chained, {});
  EXPECT_NE(http.asked.at(0).body.find("DurationSeconds=3600"), std::string::npos);
}

TEST_F(StsTest, RefusalsAndJunk) {
  http.then(403,
            "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no</Message></Error></"
            "ErrorResponse>");
  EXPECT_EQ(thrown_by([&] { sts.assume(role, base, {}); }), std::pair(ErrorKind::config, std::string("AccessDenied")));
  for (const std::string text : {"", "{}", "<AssumeRoleResponse/>", "<AssumeRoleResponse><AssumeRoleResult>"}) {
    http.then(200, text);
    EXPECT_EQ(thrown_by([&] { sts.assume(role, base, {}); }).first, ErrorKind::corrupt) << text;
  }
  std::string late(answer);
  late.replace(late.find("2026-11-21T01:00:00Z"), 20, "tomorrow, at tea    ");
  EXPECT_EQ(thrown_by([&] { parse_assume_role(late); }).first, ErrorKind::corrupt);
}

TEST_F(StsTest, MalformedRolesNeverLeave) {
  const auto wrong = [&](auto change) {
    Role bad = role;
    change(bad);
    return thrown_by([&] { sts.assume(bad, base, {}); }).first == ErrorKind::config;
  };
  EXPECT_TRUE(wrong([](Role& r) { r.arn = "desk"; }));
  EXPECT_TRUE(wrong([](Role& r) { r.session_name = "x"; }));
  EXPECT_TRUE(wrong([](Role& r) { r.session_name = std::string(65, 'x'); }));
  EXPECT_TRUE(wrong([](Role& r) { r.session_name = "with space"; }));
  EXPECT_TRUE(wrong([](Role& r) { r.external_id = "x"; }));
  EXPECT_TRUE(wrong([](Role& r) { r.length = std::chrono::seconds(899); }));
  EXPECT_EQ(http.asked.size(), 0U);
}

TEST_F(StsTest, TheBookKeepsOneProviderARole) {
  RoleBook book(sts, clock, base);
  Role other = role;
  other.external_id = "other";
  EXPECT_EQ(&book.provider(role), &book.provider(role));
  EXPECT_NE(&book.provider(role), &book.provider(other));
  http.then(200, answer);
  EXPECT_EQ(book.provider(role).get({}).access_key, "ASIA");
  EXPECT_EQ(book.provider(role).get({}).access_key, "ASIA");
}

class RefreshingTest : public testing::Test {
 protected:
  tests::StandingClock clock{"2026-11-21T00:00:00Z"};
  std::atomic<int> fetched{0};
  std::atomic<bool> failing{false};
  RefreshingProvider provider{
      clock, "role", [this](std::stop_token) {
        const int n = ++fetched;
        if (failing) throw Error(ErrorKind::unreachable, "down");
        return Credentials{"K" + std::to_string(n), "S", "T", clock.now() + std::chrono::hours(1)};
      }};
};

TEST_F(RefreshingTest, RenewsAheadOfExpiry) {
  EXPECT_EQ(provider.get({}).access_key, "K1");
  clock.set("2026-11-21T00:44:59Z");
  EXPECT_EQ(provider.get({}).access_key, "K1");
  clock.set("2026-11-21T00:45:00Z");
  EXPECT_EQ(provider.get({}).access_key, "K2");
}

TEST_F(RefreshingTest, AFailedAdvisoryRenewalKeepsTheOldKeysUntilTheyMustGo) {
  provider.get({});
  failing = true;
  clock.set("2026-11-21T00:46:00Z");
  EXPECT_EQ(provider.get({}).access_key, "K1");
  EXPECT_EQ(provider.get({}).access_key, "K1");
  EXPECT_EQ(fetched, 2);  // not again within a minute
  clock.set("2026-11-21T00:47:01Z");
  EXPECT_EQ(provider.get({}).access_key, "K1");
  EXPECT_EQ(fetched, 3);
  clock.set("2026-11-21T00:50:00Z");
  std::string message;
  EXPECT_EQ(thrown_by([&] { provider.get({}); }, &message).first, ErrorKind::unreachable);
  EXPECT_EQ(message, "AWS keys of role: down");
  failing = false;
  EXPECT_EQ(provider.get({}).access_key, "K5");
}

TEST_F(RefreshingTest, ReadAgainTheOldKeysServeUntilTheNewAreThere) {
  provider.get({});
  provider.read_again();
  failing = true;
  EXPECT_EQ(provider.get({}).access_key, "K1");
  failing = false;
  provider.read_again();
  EXPECT_EQ(provider.get({}).access_key, "K3");
  EXPECT_EQ(provider.get({}).access_key, "K3");
  EXPECT_EQ(fetched, 3);
}

TEST_F(RefreshingTest, ExpiringNamesTheKeysMeant) {
  const Credentials first = provider.get({});
  provider.expire(first);
  EXPECT_EQ(provider.get({}).access_key, "K2");
  provider.expire(first);  // late news about the old ones
  EXPECT_EQ(provider.get({}).access_key, "K2");
}

TEST(SingleFlight, ManyCallersOneFetchOneFailure) {
  tests::StandingClock clock{"2026-11-21T00:00:00Z"};
  std::atomic<int> fetched{0}, failed{0};
  std::latch started{1}, released{1};
  RefreshingProvider provider(clock, "role", [&](std::stop_token) -> Credentials {
    ++fetched;
    started.count_down();
    released.wait();
    throw Error(ErrorKind::refused, "AccessDenied", "no", {});
  });
  const auto ask = [&] {
    try {
      provider.get({});
    } catch (const Error& error) {
      if (error.code() == "AccessDenied") ++failed;
    }
  };
  {
    std::vector<std::jthread> callers;
    callers.emplace_back(ask);
    started.wait();
    for (int i = 0; i < 7; ++i) callers.emplace_back(ask);
    while (clock.waiting < 7) std::this_thread::yield();
    released.count_down();
  }
  EXPECT_EQ(fetched, 1);
  EXPECT_EQ(failed, 8);
}

TEST(SingleFlight, AWaitingCallerCanBeStopped) {
  tests::StandingClock clock{"2026-11-21T00:00:00Z"};
  std::latch started{1}, released{1};
  RefreshingProvider provider(clock, "role", [&](std::stop_token) {
    started.count_down();
    released.wait();
    return Credentials{"K", "S", "", {}};
  });
  std::jthread leader([&] { EXPECT_EQ(provider.get({}).access_key, "K"); });
  started.wait();
  std::stop_source stop;
  std::jthread follower(
      [&] { EXPECT_EQ(thrown_by([&] { provider.get(stop.get_token()); }).first, ErrorKind::stopped); });
  while (clock.waiting < 1) std::this_thread::yield();
  stop.request_stop();
  follower.join();
  released.count_down();
}

TEST(Secrets, AreKeptUntilForgotten) {
  tests::ScriptedClient http;
  tests::StandingClock clock{"2026-11-21T00:00:00Z"};
  Endpoint endpoint{"https://secretsmanager.us-east-1.amazonaws.com", {"us-east-1", "secretsmanager"}};
  Keys keys("");
  JsonClient client(http, clock, endpoint, keys, {std::string(secrets_manager_target), "aws_secrets_manager"});
  SecretsManager secrets(client);
  http.then(200, R"({"Name":"desk","SecretString":"one"})").then(200, R"({"SecretBinary":"dHdv"})");
  EXPECT_EQ(secrets.get("desk"), "one");
  EXPECT_EQ(secrets.get("desk"), "one");
  EXPECT_EQ(http.asked.at(0).headers.get("X-Amz-Target"), "secretsmanager.GetSecretValue");
  EXPECT_EQ(http.asked.at(0).body, R"({"SecretId":"desk"})");
  secrets.forget("another");
  EXPECT_EQ(secrets.get("desk"), "one");
  secrets.forget("one");
  EXPECT_EQ(secrets.get("desk"), "two");
  http.then(400, R"({"__type":"ResourceNotFoundException","Message":"no such"})");
  EXPECT_EQ(thrown_by([&] { secrets.get("other"); }),
            std::pair(ErrorKind::config, std::string("ResourceNotFoundException")));
  http.then(200, R"({"SecretString":"{\"token\":\"t\"}"})");
  EXPECT_EQ(secrets.get("json", "token"), "t");
  EXPECT_EQ(thrown_by([&] { secrets.get("json", "none"); }).first, ErrorKind::config);
  EXPECT_EQ(thrown_by([&] { secrets.get("desk", "token"); }).first, ErrorKind::config);
  http.then(200, "{}").then(200, R"({"SecretBinary":"***"})");
  EXPECT_EQ(thrown_by([&] { secrets.get("other"); }).first, ErrorKind::corrupt);
  EXPECT_EQ(thrown_by([&] { secrets.get("other"); }).first, ErrorKind::corrupt);
}

}  // namespace
}  // namespace supportd::connectors::aws
