#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/config/sample.hpp"

namespace supportd::config {
namespace {

using sample::Cases;
using sample::Desk;
using sample::Overlap;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using namespace std::chrono_literals;

Loaded load(const std::string& text) { return sample::schema().load(read_texts({{"a.toml", text}})); }

Cases cases(const std::string& text) {
  const Loaded loaded = load("[aws_cases]\n" + text);
  EXPECT_THAT(sample::lines(loaded), IsEmpty());
  return loaded.config->get<Cases>("aws_cases");
}

TEST(Binder, KeepsDefaultsWhereNothingIsGiven) {
  const Cases c = cases("");
  EXPECT_TRUE(c.enabled);
  EXPECT_EQ(c.interval, 60s);
  EXPECT_EQ(c.zone, time::Zone::utc());
  EXPECT_FALSE(c.baseline || c.second);
  EXPECT_FALSE(c.token.given());
}

TEST(Binder, ReadsEveryKindOfValue) {
  const Cases c = cases(R"(
enabled = false
interval = "1m30s"
limit = 1000
port = 65535
share = 1
baseline = 2026-01-01T09:00:00+09:00
tags = []
codes = [1, 2]
overlap = "queue"
allowed = ["queue", "skip"]
zone = "Asia/Seoul"
weights = { a = 1, b = -2 }
retry.times = 7
second = { pause = "2s" }
token = { credential = "aws" }
)");
  EXPECT_FALSE(c.enabled);
  EXPECT_EQ(c.interval, 90s);
  EXPECT_EQ(c.limit, 1000);
  EXPECT_EQ(c.port, 65535);
  EXPECT_EQ(c.share, 1.0);
  EXPECT_EQ(c.baseline, time::parse_instant("2026-01-01T00:00:00Z").value());
  EXPECT_THAT(c.tags, IsEmpty());
  EXPECT_THAT(c.codes, ElementsAre(1, 2));
  EXPECT_EQ(c.overlap, Overlap::queue);
  EXPECT_THAT(c.allowed, ElementsAre(Overlap::queue, Overlap::skip));
  EXPECT_EQ(c.zone.name(), "Asia/Seoul");
  EXPECT_THAT(c.weights, ElementsAre(Pair("a", 1), Pair("b", -2)));
  EXPECT_EQ(c.retry.times, 7);
  EXPECT_EQ(c.retry.pause, 1s);
  ASSERT_TRUE(c.second);
  EXPECT_EQ(c.second->pause, 2s);
  EXPECT_EQ(c.token, Secret::credential("aws"));
}

TEST(Binder, TakesAnInstantAsTextToo) {
  EXPECT_EQ(cases("baseline = \"2026-01-01T00:00:00.250Z\"").baseline,
            cases("baseline = 2026-01-01T00:00:00.25Z").baseline);
}

TEST(Binder, TakesAnyYearThatRfc3339CanWrite) {
  for (const char* at : {"0000-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"}) {
    EXPECT_EQ(time::to_text(*cases(std::string("baseline = ") + at).baseline), at);
  }
  EXPECT_THAT(sample::lines(load("aws_cases.baseline = 0000-01-01T00:00:00+01:00")),
              ElementsAre("a.toml:1:22: aws_cases.baseline: before the year 0 in UTC"));
  EXPECT_THAT(sample::lines(load("aws_cases.baseline = 9999-12-31T23:00:00-01:00")),
              ElementsAre("a.toml:1:22: aws_cases.baseline: after the year 9999 in UTC"));
}

TEST(Binder, LaysAMapOverTheDefaultOne) {
  const Cases c = cases("services = { ec2 = \"other\", rds = \"rds-code\" }");
  EXPECT_THAT(c.services, ElementsAre(Pair("ec2", "other"), Pair("rds", "rds-code"), Pair("vpc", "vpc")));
}

TEST(Binder, ReadsListsOfTablesInOrder) {
  const Cases c = cases("[[aws_cases.account]]\nid = \"2\"\n[[aws_cases.account]]\nid = \"1\"\nrole = \"r\"");
  ASSERT_EQ(c.accounts.size(), 2u);
  EXPECT_EQ(c.accounts[0].id, "2");
  EXPECT_EQ(c.accounts[1].role, "r");
}

TEST(Binder, ReadsNamedTables) {
  const Loaded loaded = load(R"(
desk.main = { url = "https://a", api_key = { credential = "a" } }
desk."the other" = { url = "https://b", api_key = { credential = "b" }, low = 3 }
)");
  ASSERT_THAT(sample::lines(loaded), IsEmpty());
  const auto& desks = loaded.config->named<Desk>("desk");
  ASSERT_EQ(desks.size(), 2u);
  EXPECT_EQ(desks.at("main").low, 1);
  EXPECT_EQ(desks.at("the other").low, 3);
}

// The cross-field check speaks only when the fields themselves are right.
TEST(Binder, IsSilentAboutAFieldThatAlreadyHasAFlaw) {
  const std::string desk = "[desk.main]\nurl = \"https://a\"\napi_key = { credential = \"a\" }\n";
  EXPECT_THAT(sample::lines(load(desk + "low = 9")), ElementsAre("a.toml:1:1: desk.main.high: must be above low, 9"));
  EXPECT_THAT(sample::lines(load(desk + "low = 9\nhigh = true")),
              ElementsAre("a.toml:5:8: desk.main.high: expected a whole number, got true or false"));
}

TEST(Binder, AWarningDoesNotStandInTheWay) {
  const Loaded loaded = load("aws_cases.codes = []");
  EXPECT_THAT(sample::lines(loaded),
              ElementsAre("a.toml:1:19: aws_cases.codes: warning: an empty list matches nothing"));
  EXPECT_NE(loaded.config, nullptr);
}

struct Wide {
  std::int8_t small = 0;
  std::uint64_t big = 0;
  unsigned char byte = 0;
};
void bind(Binder& b, Wide& w) {
  b.field("small", w.small);
  b.field("big", w.big);
  b.field("byte", w.byte);
}

TEST(Binder, HoldsWholeNumbersToTheRangeOfTheirType) {
  Schema schema;
  schema.add<Wide>("wide");
  const auto flaws = [&](const std::string& text) {
    return sample::lines(schema.load(read_texts({{"a.toml", "[wide]\n" + text}})));
  };
  EXPECT_THAT(flaws("small = -128\nbig = 9223372036854775807\nbyte = 255"), IsEmpty());
  EXPECT_THAT(flaws("small = 128"), ElementsAre("a.toml:2:9: wide.small: 128 is out of range -128 to 127"));
  EXPECT_THAT(flaws("big = -1"), ElementsAre("a.toml:2:7: wide.big: -1 is out of range 0 to 18446744073709551615"));
  EXPECT_THAT(flaws("byte = 256"), ElementsAre("a.toml:2:8: wide.byte: 256 is out of range 0 to 255"));
}

}  // namespace
}  // namespace supportd::config
