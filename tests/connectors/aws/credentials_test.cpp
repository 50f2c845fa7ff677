#include "connectors/aws/credentials.hpp"

#include <gtest/gtest.h>

#include "connectors/aws/imds.hpp"
#include "connectors/aws/json_credentials.hpp"
#include "connectors/aws/process.hpp"
#include "connectors/aws/profile.hpp"
#include "tests/connectors/scripted.hpp"

namespace supportd::connectors::aws {
namespace {

using tests::thrown_by;

TEST(StaticKeys, ComeFromSecretsWithoutTheirLineEnd) {
  std::map<std::string, std::string> secrets{{"id", "AKID\n"}, {"key", "sec ret\r\n"}, {"empty", "\n"}};
  const SecretText read = [&](const std::string& name) { return secrets.at(name); };
  StaticProvider provider(read, "id", "key", "");
  EXPECT_EQ(provider.get({}).access_key, "AKID");
  EXPECT_EQ(provider.get({}).secret_key, "sec ret");
  secrets["key"] = "rotated";
  EXPECT_EQ(provider.get({}).secret_key, "rotated");
  StaticProvider empty(read, "id", "empty", "");
  EXPECT_EQ(thrown_by([&] { empty.get({}); }).first, ErrorKind::config);
}

TEST(EnvironmentKeys, NeedBoth) {
  std::map<std::string, std::string> variables{{"AWS_ACCESS_KEY_ID", "AKID"}};
  EnvironmentProvider provider([&](const std::string& name) -> std::optional<std::string> {
    const auto at = variables.find(name);
    return at == variables.end() ? std::nullopt : std::optional(at->second);
  });
  std::string message;
  EXPECT_EQ(thrown_by([&] { provider.get({}); }, &message).first, ErrorKind::config);
  EXPECT_NE(message.find("AWS_SECRET_ACCESS_KEY"), std::string::npos);
  variables["AWS_SECRET_ACCESS_KEY"] = "secret";
  variables["AWS_SESSION_TOKEN"] = "token";
  EXPECT_EQ(provider.get({}).session_token, "token");
}

TEST(JsonKeys, ProcessAndImds) {
  const auto process = parse_json_credentials(
      R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"S","Expiration":"2026-11-21T01:00:00Z"})",
      JsonCredentials::process);
  EXPECT_EQ(process.access_key, "A");
  EXPECT_EQ(process.session_token, "");
  EXPECT_EQ(process.expires, time::parse_instant("2026-11-21T01:00:00Z").value());
  const auto wrong = [](const char* text, JsonCredentials shape) {
    std::string message;
    const auto kind = thrown_by([&] { parse_json_credentials(text, shape); }, &message).first;
    EXPECT_EQ(message.find("TOPSECRET"), std::string::npos) << message;
    return kind;
  };
  EXPECT_EQ(wrong(R"({"Version":2,"AccessKeyId":"A","SecretAccessKey":"S"})", JsonCredentials::process),
            ErrorKind::config);
  EXPECT_EQ(wrong(R"({"Version":1,"AccessKeyId":"A"})", JsonCredentials::process), ErrorKind::corrupt);
  EXPECT_EQ(wrong(R"({"Version":1,"AccessKeyId":"A","SecretAccessKey":"TOPSECRET","Expiration":"soon"})",
                  JsonCredentials::process),
            ErrorKind::corrupt);
  EXPECT_EQ(wrong("TOPSECRET", JsonCredentials::process), ErrorKind::corrupt);
  EXPECT_EQ(wrong(R"({"Code":"Failed"})", JsonCredentials::imds), ErrorKind::config);
  EXPECT_EQ(wrong(R"({"AccessKeyId":"A","SecretAccessKey":"TOPSECRET","Token":"T"})", JsonCredentials::imds),
            ErrorKind::corrupt);
}

TEST(ImdsKeys, TokenThenRoleThenKeys) {
  tests::ScriptedClient http;
  http.then(200, "TOKEN")
      .then(200, "desk-role\n")
      .then(
          200,
          R"({"Code":"Success","AccessKeyId":"A","SecretAccessKey":"S","Token":"T","Expiration":"2026-11-21T06:00:00Z"})");
  Imds imds(http);
  EXPECT_EQ(imds.fetch({}).session_token, "T");
  EXPECT_EQ(http.asked.at(0).method, "PUT");
  EXPECT_EQ(http.asked.at(0).url, "http://169.254.169.254/latest/api/token");
  EXPECT_EQ(http.asked.at(0).headers.get("x-aws-ec2-metadata-token-ttl-seconds"), "21600");
  EXPECT_EQ(http.asked.at(2).url, "http://169.254.169.254/latest/meta-data/iam/security-credentials/desk-role");
  EXPECT_EQ(http.asked.at(2).headers.get("x-aws-ec2-metadata-token"), "TOKEN");
}

TEST(ImdsKeys, RefusesWhatIsNotImds) {
  tests::ScriptedClient http;
  Imds imds(http);
  http.then(302, "", {{"Location", "http://evil.example/"}});
  EXPECT_EQ(thrown_by([&] { imds.fetch({}); }).first, ErrorKind::unreachable);
  http.then(200, "TOKEN").then(404, "");
  EXPECT_EQ(thrown_by([&] { imds.fetch({}); }).first, ErrorKind::config);
  http.then(200, "TOKEN").then(200, "../../user-data");
  EXPECT_EQ(thrown_by([&] { imds.fetch({}); }).first, ErrorKind::corrupt);
  http.then(200, "TO KEN");
  EXPECT_EQ(thrown_by([&] { imds.fetch({}); }).first, ErrorKind::corrupt);
}

TEST(CredentialProcess, SplitsAsDocumented) {
  const auto split = [](const char* text) { return split_command(text).value(); };
  using Words = std::vector<std::string>;
  EXPECT_EQ(split("/bin/keys --name prod"), (Words{"/bin/keys", "--name", "prod"}));
  EXPECT_EQ(split(R"("/opt/my tool/keys"	'$HOME *' a\ b "q\"\\\n" "")"),
            (Words{"/opt/my tool/keys", "$HOME *", "a b", "q\"\\\\n", ""}));
  for (const char* text : {"", "  ", "'open", "\"open", "x \\", "''"}) {
    EXPECT_TRUE(split_command(text).has_error()) << text;
  }
}

TEST(CredentialProcess, RunsWithoutAShell) {
  time::MachineClock clock;
  const auto run = local_processes(clock);
  EXPECT_EQ(run("printf %s '$HOME;a'", {}), "$HOME;a");
  EXPECT_EQ(thrown_by([&] { run("/nonexistent/keys", {}); }).first, ErrorKind::config);
  EXPECT_EQ(thrown_by([&] { run("false", {}); }).first, ErrorKind::config);
}

TEST(CredentialProcess, IsBounded) {
  time::MachineClock clock;
  EXPECT_EQ(thrown_by([&] { local_processes(clock, Millis{60'000}, 100)("yes", {}); }).first, ErrorKind::config);
  // Grandchildren that keep the pipe open end with it.
  EXPECT_EQ(thrown_by([&] { local_processes(clock, Millis{20})("sh -c 'cat /dev/zero >/dev/null & wait'", {}); }).first,
            ErrorKind::unreachable);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(
      thrown_by([&] { local_processes(clock)("sh -c 'cat /dev/zero >/dev/null & wait'", stop.get_token()); }).first,
      ErrorKind::stopped);
}

TEST(Profiles, ReadsBothFiles) {
  const auto config = parse_profiles(
      "# c\n[default]\nregion = us-east-1 # here\n[profile desk]\nROLE_ARN=arn:x\ns3 =\n  max = 3\n[sso-session y]\nz "
      "= 1\n"
      "[profile \"a b\"]\nk = v#1\n",
      ProfileFile::config);
  ASSERT_TRUE(config.has_value()) << config.error().what;
  EXPECT_EQ(*config, (Profiles{{"default", {{"region", "us-east-1"}}},
                               {"desk", {{"role_arn", "arn:x"}, {"s3", ""}}},
                               {"a b", {{"k", "v#1"}}}}));
  EXPECT_EQ(parse_profiles("[desk]\r\na = b\r\n", ProfileFile::credentials).value(),
            (Profiles{{"desk", {{"a", "b"}}}}));
  EXPECT_EQ(parse_profiles("\na = b", ProfileFile::config).error().what, "line 2: a setting before the first section");
  EXPECT_TRUE(parse_profiles("[open", ProfileFile::config).has_error());
  EXPECT_TRUE(parse_profiles("[a]\nb", ProfileFile::credentials).has_error());
}

class ProfileSourceTest : public testing::Test {
 protected:
  Credentials fetch(const std::string& profile) {
    ProfileSource source(
        profile, {"/credentials", "/config"},
        [&](const std::string& path) -> std::optional<std::string> {
          const auto at = files.find(path);
          return at == files.end() ? std::nullopt : std::optional(at->second);
        },
        [&](const std::string& command, std::stop_token) {
          ran.push_back(command);
          return std::string(R"({"Version":1,"AccessKeyId":"PROC","SecretAccessKey":"S"})");
        },
        sts);
    return source.fetch({});
  }
  static std::string assumed(const char* key) {
    return std::string("<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>") + key +
           "</AccessKeyId><SecretAccessKey>S</SecretAccessKey><SessionToken>T</SessionToken>"
           "<Expiration>2026-11-21T01:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>";
  }

  std::map<std::string, std::string> files;
  std::vector<std::string> ran;
  tests::ScriptedClient http;
  tests::StandingClock clock{"2026-11-21T00:00:00Z"};
  Endpoint endpoint{"https://sts.us-east-1.amazonaws.com", {"us-east-1", "sts"}};
  Sts sts{http, clock, endpoint};
};

TEST_F(ProfileSourceTest, StaticKeysAndProcess) {
  files["/credentials"] = "[desk]\naws_access_key_id = A\naws_secret_access_key = S\n";
  files["/config"] = "[profile desk]\naws_access_key_id = loses\n[profile p]\ncredential_process = /bin/keys \"a b\"\n";
  EXPECT_EQ(fetch("desk").access_key, "A");
  EXPECT_EQ(fetch("p").access_key, "PROC");
  EXPECT_EQ(ran, std::vector<std::string>{"/bin/keys \"a b\""});
}

TEST_F(ProfileSourceTest, FollowsARoleChainAndCapsIt) {
  files["/config"] =
      "[profile far]\nrole_arn = arn:aws:iam::222222222222:role/far\nsource_profile = near\nduration_seconds = 7200\n"
      "external_id = ext\nrole_session_name = me\n"
      "[profile near]\nrole_arn = arn:aws:iam::111111111111:role/near\nsource_profile = near\n"
      "aws_access_key_id = A\naws_secret_access_key = S\n";
  http.then(200, assumed("NEAR")).then(200, assumed("FAR"));
  EXPECT_EQ(fetch("far").access_key, "FAR");
  EXPECT_NE(http.asked.at(0).headers.get("Authorization")->find("Credential=A/"), std::string::npos);
  EXPECT_NE(http.asked.at(1).headers.get("Authorization")->find("Credential=NEAR/"), std::string::npos);
  EXPECT_NE(http.asked.at(1).body.find("DurationSeconds=3600&ExternalId=ext"), std::string::npos)
      << http.asked.at(1).body;
}

TEST_F(ProfileSourceTest, SaysWhatIsMissing) {
  files["/config"] =
      "[profile a]\nrole_arn = arn:aws:iam::111111111111:role/a\nsource_profile = b\n"
      "[profile b]\nrole_arn = arn:aws:iam::111111111111:role/b\nsource_profile = a\n"
      "[profile c]\nrole_arn = arn:aws:iam::111111111111:role/c\n[profile d]\naws_access_key_id = A\n";
  for (const char* name : {"a", "c", "d", "missing"}) {
    EXPECT_EQ(thrown_by([&] { fetch(name); }).first, ErrorKind::config) << name;
  }
  files["/config"] = "nonsense";
  EXPECT_EQ(thrown_by([&] { fetch("a"); }).first, ErrorKind::config);
}

}  // namespace
}  // namespace supportd::connectors::aws
