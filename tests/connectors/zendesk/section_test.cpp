// [zendesk.<name>] as an operator writes it.
#include "connectors/zendesk/section.hpp"

#include "daemon/config/schema.hpp"
#include "tests/connectors/zendesk/desk.hpp"

namespace supportd::connectors::zendesk {
namespace {

config::Loaded load(const std::string& text) {
  config::Schema schema;
  schema.add_named<Section>("zendesk");
  return schema.load(config::read_texts({{"a.toml", text}}));
}

std::vector<std::string> flaws(const std::string& text) {
  std::vector<std::string> out;
  for (const config::Flaw& flaw : load("[zendesk.main]\nbase_url = \"https://acme.zendesk.com\"\n" + text).flaws) {
    out.push_back(flaw.path + ": " + flaw.what);
  }
  return out;
}

const std::string login = "email = \"bot@acme.example\"\napi_token = { credential = \"zendesk\" }\n";

TEST(ZendeskSection, IsReadWhole) {
  const config::Loaded loaded = load("[zendesk.main]\nbase_url = \"https://acme.zendesk.com\"\n" + login +
                                     "updates_per_minute = 300\nskew = \"2m\"\nfields = { aws_case = 360001234567 }\n"
                                     "webhook_secret = { file = \"/nowhere\" }\n");
  ASSERT_TRUE(loaded.config);
  const Section& section = loaded.config->named<Section>("zendesk").at("main");
  EXPECT_EQ(section.skew, Millis{120'000});
  EXPECT_TRUE(section.webhook_secret.given());
  const ClientOptions options = client_options("main", section);
  EXPECT_EQ(options.budget, "zendesk:main");
  EXPECT_EQ(options.email, "bot@acme.example");
  EXPECT_EQ(options.fields.at("aws_case"), 360001234567);
  EXPECT_EQ(options.answer_limit, 32U * 1024 * 1024);
  const auto rules = budget_rules("main", section);
  ASSERT_EQ(rules.size(), 3U);
  EXPECT_EQ(rules[0].count, 400);
  EXPECT_EQ(rules[1].name, "zendesk:main/update");
  EXPECT_EQ(rules[1].count, 300);
  EXPECT_EQ(rules[2].name, "zendesk:main/incremental");
  EXPECT_EQ(rules[2].count, 10);
  EXPECT_EQ(rules[2].parent, rules[0].name);
  tests::StandingClock clock("2026-11-21T00:00:00Z");
  http::Budgets budgets(clock);
  EXPECT_NO_THROW(budgets.reconfigure(rules));
}

TEST(ZendeskSection, OneLogin) {
  EXPECT_THAT(flaws(login), ElementsAre());
  EXPECT_THAT(flaws("oauth_token = { credential = \"z\" }\n"), ElementsAre());
  EXPECT_THAT(flaws(""), ElementsAre(HasSubstr("email"), HasSubstr("api_token")));
  EXPECT_THAT(flaws("email = \"bot@acme.example\"\n"), ElementsAre(HasSubstr("api_token")));
  EXPECT_THAT(flaws(login + "oauth_token = { credential = \"z\" }\n"), ElementsAre(HasSubstr("either")));
  EXPECT_THAT(flaws("email = \"bot@acme.example/token\"\napi_token = { credential = \"z\" }\n"),
              ElementsAre(HasSubstr("no mail address")));
}

TEST(ZendeskSection, SaysWhatIsWrong) {
  EXPECT_THAT(flaws(login + "updates_per_minute = 0\n"), ElementsAre(HasSubstr("updates_per_minute")));
  EXPECT_THAT(flaws(login + "skew = \"0s\"\n"), ElementsAre(HasSubstr("skew")));
  EXPECT_THAT(flaws(login + "fields = { a = 0 }\n"), ElementsAre(HasSubstr("fields")));
  EXPECT_THAT(flaws(login + "fields = { a = 5, b = 5 }\n"), ElementsAre(HasSubstr("two names for 5")));
  EXPECT_THAT(flaws(login + "fields = { 12 = 5 }\n"), ElementsAre(HasSubstr("reads as an id")));
  EXPECT_THAT(flaws(login + "file_mebibytes = 51\n"), ElementsAre(HasSubstr("file_mebibytes")));
}

TEST(ZendeskSection, ARefusedTokenIsForgottenFirst) {
  Section section;
  section.oauth_token = config::Secret::aws("desk", "token");
  std::vector<std::string> steps;
  const auto get = token(
      section,
      [&](const std::string& id, const std::string& member) {
        steps.push_back("fetch " + id + "/" + member);
        return std::string("k");
      },
      [&](const std::string& value) { steps.push_back("forget " + value); });
  EXPECT_EQ(get(""), "k");
  get("k");
  EXPECT_THAT(steps, ElementsAre("fetch desk/token", "forget k", "fetch desk/token"));
}

}  // namespace
}  // namespace supportd::connectors::zendesk
