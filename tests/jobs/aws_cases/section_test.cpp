#include "jobs/aws_cases/section.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

namespace supportd::aws_cases {
namespace {

using testing::HasSubstr;

std::string file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(SUPPORTD_SOURCE "/" + path).rdbuf();
  return text.str();
}

config::Loaded load(const std::string& text) {
  config::Schema schema;
  schema.add<Section>("aws_cases");
  return schema.load(config::read_texts({{"a.toml", text}}));
}

std::string flaw_of_section(const std::string& text) {
  const auto loaded = load("[aws_cases]\n" + text);
  return loaded.flaws.empty() ? "" : loaded.flaws.front().what;
}

Values sample() {
  return {{"agency", "하나클라우드"},
          {"subject", "VPC {{note}} 연결"},
          {"company", "한빛"},
          {"name", "김민준"},
          {"mail", "minjun@hanbit.example"},
          {"account", "111122223333"},
          {"problem", "5분마다 끊어집니다."},
          {"system", "freshdesk:main"},
          {"ticket", "7"},
          {"case", "case-111122223333-muko-2026-1"},
          {"time", "2026-01-01 09:00:00 KST"},
          {"severity", "normal"},
          {"state", "opened"},
          {"reason", "계정 없음"},
          {"until", "2026-01-01 09:15:00 KST"},
          {"previous", "case-0"}};
}

TEST(AwsCasesTexts, AreThoseOfTheGoldenFiles) {
  for (const auto& [language, texts] : default_texts()) {
    std::string all;
    for (const auto& text : {texts.subject, texts.body, texts.follow_up, texts.opened, texts.not_opened, texts.waits,
                             texts.update_prefix, texts.not_sent}) {
      all += render(text, sample()) + "\n----\n";
    }
    EXPECT_EQ(all, file("tests/data/aws_cases/" + language + ".golden")) << language;
  }
}

TEST(AwsCasesTexts, AreShippedAsTheyAreBuiltIn) {
  for (const auto& [language, texts] : default_texts()) {
    const auto loaded = load(file("etc/templates/aws_cases/" + language + ".toml"));
    ASSERT_TRUE(loaded.config) << loaded.flaws.front().what;
    const Texts& shipped = loaded.config->get<Section>("aws_cases").texts.at(language);
    EXPECT_EQ(shipped.subject, texts.subject);
    EXPECT_EQ(shipped.body, texts.body);
    EXPECT_EQ(shipped.follow_up, texts.follow_up);
    EXPECT_EQ(shipped.opened, texts.opened);
    EXPECT_EQ(shipped.not_opened, texts.not_opened);
    EXPECT_EQ(shipped.waits, texts.waits);
    EXPECT_EQ(shipped.update_prefix, texts.update_prefix);
    EXPECT_EQ(shipped.not_sent, texts.not_sent);
  }
}

TEST(AwsCasesTexts, NeverLookAtValuesAgain) {
  EXPECT_EQ(render("{{subject}}", {{"subject", "{{agency}}"}, {"agency", "x"}}), "{{agency}}");
}

TEST(AwsCasesSection, SaysWhatIsWrong) {
  EXPECT_THAT(flaw_of_section("text.en.subject = \"{{sbject}}\"\n"), HasSubstr("there is no place {{sbject}}"));
  EXPECT_THAT(flaw_of_section("text.en.subject = \"{{subject\"\n"), HasSubstr("does not end with }}"));
  EXPECT_THAT(flaw_of_section("cc = [\"desk@a.example\"]\ndesk_mailboxes = [\"desk@a.example\"]\n"),
              HasSubstr("a desk's own mailbox"));
  EXPECT_THAT(flaw_of_section("language = \"ja\"\n"), HasSubstr("there are no texts for 'ja'"));
  EXPECT_THAT(flaw_of_section("severity.max_automatic = \"critical\"\n"), HasSubstr("critical"));
  EXPECT_THAT(flaw_of_section("approval_wait = \"1h\"\n"), HasSubstr("15m"));
  EXPECT_THAT(flaw_of_section("status.while_open.opened = \"solved\"\n"), HasSubstr("solved"));
  EXPECT_EQ(flaw_of_section("severity.by_priority.high = \"high\"\nstatus.while_open.unassigned = \"pending\"\n"), "");
}

TEST(AwsCasesSection, OneServiceIsChangedWithoutRepeatingTheOthers) {
  const auto loaded = load("[aws_cases.classify.service.s3]\nwords = [\"minio\"]\n");
  ASSERT_TRUE(loaded.config);
  const auto& rules = loaded.config->get<Section>("aws_cases").classify;
  EXPECT_EQ(rules.services.at("s3").code, "amazon-simple-storage-service");
  EXPECT_EQ(rules.services.at("s3").words, std::vector<std::string>{"minio"});
  EXPECT_EQ(rules.services.size(), 9U);
}

}  // namespace
}  // namespace supportd::aws_cases
