// [aws], [aws_support] and [freshdesk.<name>] as an operator writes them.
#include <gmock/gmock.h>

#include "connectors/aws_support/section.hpp"
#include "connectors/freshdesk/section.hpp"
#include "daemon/config/schema.hpp"
#include "tests/connectors/scripted.hpp"

namespace supportd::connectors {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

config::Loaded load(const std::string& text) {
  config::Schema schema;
  schema.add<aws::Section>("aws").add<aws_support::Section>("aws_support").add_named<freshdesk::Section>("freshdesk");
  return schema.load(config::read_texts({{"a.toml", text}}));
}

std::vector<std::string> flaws(const std::string& text) {
  std::vector<std::string> out;
  for (const config::Flaw& flaw : load(text).flaws) out.push_back(flaw.path + ": " + flaw.what);
  return out;
}

constexpr const char* good = R"(
[aws]
credentials = "environment"
session_length = "2h"
[[aws.account]]
id = "111122223333"
organisation = "acme"
role_arn = "arn:aws:iam::111122223333:role/desk"
external_id = "acme-1"
payer = "999988887777"
[[aws.account]]
id = "444455556666"
organisation = "other"
[aws_support]
endpoint = "http://127.0.0.1:8080"
calls_per_minute = 5
[freshdesk.main]
base_url = "https://acme.freshdesk.com"
api_key = { credential = "freshdesk" }
public_comment = "note"
lists_per_minute = 7
)";

TEST(Sections, AreReadWhole) {
  const config::Loaded loaded = load(good);
  ASSERT_TRUE(loaded.config) << testing::PrintToString(flaws(good));
  const auto& aws = loaded.config->get<aws::Section>("aws");
  EXPECT_EQ(aws.credentials, aws::KeySource::environment);
  EXPECT_EQ(aws::role_of(aws, aws.accounts.at(0)),
            (aws::Role{"arn:aws:iam::111122223333:role/desk", "acme-1", "supportd", std::chrono::hours(2)}));
  EXPECT_EQ(aws::sts_url(aws), "https://sts.us-east-1.amazonaws.com");
  const auto rules = aws_support::budget_rules(loaded.config->get<aws_support::Section>("aws_support"), aws.accounts);
  ASSERT_EQ(rules.size(), 3U);
  EXPECT_EQ(rules[1].name, aws_support::budget_name("111122223333"));
  EXPECT_EQ(rules[1].parent, rules[0].name);
  EXPECT_EQ(rules[1].count, 5);
  EXPECT_EQ(rules[2].parent, "");
  const auto& desk = loaded.config->named<freshdesk::Section>("freshdesk").at("main");
  EXPECT_EQ(freshdesk::client_options("main", desk).public_comment, freshdesk::PublicComment::note);
  EXPECT_EQ(freshdesk::budget_rules("main", desk).at(1).name, "freshdesk:main/list");
  EXPECT_EQ(freshdesk::budget_rules("main", desk).at(1).count, 7);
  tests::StandingClock clock("2026-11-21T00:00:00Z");
  http::Budgets budgets(clock);
  auto all = rules;
  for (auto& rule : freshdesk::budget_rules("main", desk)) all.push_back(rule);
  EXPECT_NO_THROW(budgets.reconfigure(all));
}

TEST(Sections, SayWhatIsWrong) {
  EXPECT_THAT(flaws("[aws]\ncredentials = \"secrets\"\n"),
              ElementsAre(HasSubstr("access_key"), HasSubstr("secret_key")));
  EXPECT_THAT(flaws("[aws]\ncredentials = \"instance\"\n[[aws.account]]\nid = \"123\"\norganisation = \"x\"\n"),
              ElementsAre(HasSubstr("12 digits")));
  EXPECT_THAT(flaws("[aws]\ncredentials = \"instance\"\n[[aws.account]]\nid = \"111122223333\"\norganisation = \"x\"\n"
                    "role_arn = \"desk\"\n"),
              ElementsAre(HasSubstr("arn:aws:iam::")));
  EXPECT_THAT(flaws("[aws]\ncredentials = \"instance\"\n[[aws.account]]\nid = \"111122223333\"\norganisation = \"x\"\n"
                    "[[aws.account]]\nid = \"111122223333\"\norganisation = \"x\"\n"),
              ElementsAre(HasSubstr("twice")));
  EXPECT_THAT(flaws("[freshdesk.main]\nbase_url = \"acme\"\napi_key = { credential = \"f\" }\n"),
              ElementsAre(HasSubstr("base_url")));
  EXPECT_THAT(flaws("[aws_support]\ncalls_per_minute = 0\n"), ElementsAre(HasSubstr("calls_per_minute")));
}

TEST(Sections, ARefusedKeyIsForgottenFirst) {
  freshdesk::Section section;
  section.api_key = config::Secret::aws("desk", "token");
  std::vector<std::string> steps;
  const auto key = freshdesk::api_key(
      section,
      [&](const std::string& id, const std::string& member) {
        steps.push_back("fetch " + id + "/" + member);
        return std::string("k");
      },
      [&](const std::string& value) { steps.push_back("forget " + value); });
  EXPECT_EQ(key(""), "k");
  key("k");
  EXPECT_THAT(steps, ElementsAre("fetch desk/token", "forget k", "fetch desk/token"));
}

TEST(BaseKeys, ComeFromWhereTheSectionSays) {
  tests::ScriptedClient http;
  tests::StandingClock clock("2026-11-21T00:00:00Z");
  aws::Endpoint endpoint("https://sts.us-east-1.amazonaws.com", {"us-east-1", "sts"});
  aws::Sts sts(http, clock, endpoint);
  aws::Surroundings around{clock, http, sts,
                           [](const std::string& name) -> std::optional<std::string> {
                             if (name == "HOME") return "/home/desk";
                             return name.starts_with("AWS_ACCESS") || name.starts_with("AWS_SECRET")
                                        ? std::optional("from " + name)
                                        : std::nullopt;
                           },
                           [](const std::string& path) -> std::optional<std::string> {
                             if (path != "/home/desk/.aws/credentials") return {};
                             return "[default]\naws_access_key_id = P\naws_secret_access_key = S\n";
                           }};
  aws::Section section;
  section.credentials = aws::KeySource::environment;
  EXPECT_EQ(aws::base_provider(section, around)->get({}).access_key, "from AWS_ACCESS_KEY_ID");
  section.credentials = aws::KeySource::profile;
  EXPECT_EQ(aws::base_provider(section, around)->get({}).access_key, "P");
  section.credentials = aws::KeySource::instance;
  http.then(200, "T")
      .then(200, "role")
      .then(200, R"({"AccessKeyId":"I","SecretAccessKey":"S","Token":"T","Expiration":"2026-11-21T06:00:00Z"})");
  EXPECT_EQ(aws::base_provider(section, around)->get({}).access_key, "I");
  section.credentials = aws::KeySource::secrets;
  EXPECT_EQ(tests::thrown_by([&] { aws::base_provider(section, around)->get({}); }).first, ErrorKind::config);
}

}  // namespace
}  // namespace supportd::connectors
