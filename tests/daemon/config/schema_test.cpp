#include "daemon/config/schema.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/config/sample.hpp"

namespace supportd::config {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Not;
using testing::Pair;

Loaded load(const std::string& text) { return sample::schema().load(read_texts({{"a.toml", text}})); }

TEST(Schema, GivesSectionsByNameAndType) {
  const Loaded loaded = load("[[run_once]]\nid = \"x\"\njob = \"push\"");
  ASSERT_NE(loaded.config, nullptr);
  EXPECT_EQ(loaded.config->list<sample::RunOnce>("run_once").at(0).job, "push");
  EXPECT_THAT(loaded.config->named<sample::Desk>("desk"), IsEmpty());
  EXPECT_TRUE(loaded.config->given("run_once"));
  EXPECT_FALSE(loaded.config->given("aws_cases"));
  EXPECT_EQ(loaded.config->get<sample::Cases>("aws_cases").limit, 10);
  EXPECT_THROW(loaded.config->get<sample::Desk>("aws_cases"), Error);
  EXPECT_THROW(loaded.config->get<sample::Cases>("nothing"), Error);
}

TEST(Schema, RefusesTheSameSectionTwice) { EXPECT_THROW(sample::schema().add<sample::Retry>("desk"), Error); }

TEST(Schema, AConfigurationOutlivesItsSchemaAndSource) {
  std::shared_ptr<const Config> config;
  {
    const Schema schema = sample::schema();
    config = schema.load(read_texts({{"a.toml", "aws_cases.limit = 7"}})).config;
  }
  EXPECT_EQ(config->get<sample::Cases>("aws_cases").limit, 7);
}

TEST(Schema, FindsNamesThatDangle) {
  const std::string desk = "[desk.main]\nurl = \"https://a\"\napi_key = { credential = \"a\" }\n";
  EXPECT_THAT(sample::lines(load(desk + "[aws_cases]\ndesk = \"mian\"")),
              ElementsAre("a.toml:5:8: aws_cases.desk: \"mian\" is no desk; did you mean 'main'? known: main"));
}

// The desk may stand in the file that cannot be parsed, and so may the key.
TEST(Schema, DoesNotCallMissingWhatABrokenFileMayHold) {
  const Source source =
      read_texts({{"a.toml", "[aws_cases]\ndesk = \"b\"\n[desk.main]\nurl = \"https://a\""}, {"b.toml", "[desk.b"}});
  const Loaded loaded = sample::schema().load(source);
  ASSERT_EQ(loaded.flaws.size(), 1u);
  EXPECT_EQ(loaded.flaws[0].file, "b.toml");
  EXPECT_EQ(loaded.config, nullptr);
}

TEST(Schema, ListsEveryKnownKey) {
  const auto known = sample::schema().known();
  EXPECT_THAT(known, IsSupersetOf({Pair("aws_cases.limit", "10"), Pair("aws_cases.account[0].role", "\"\""),
                                   Pair("aws_cases.second.times", "3"), Pair("aws_cases.token", ""),
                                   Pair("desk.NAME.url", "\"\""), Pair("run_once[0].job", "\"\"")}));
}

}  // namespace
}  // namespace supportd::config
