#include "jobs/desk_sync/transform.hpp"

#include <gmock/gmock.h>

#include "daemon/config/schema.hpp"

namespace supportd::desk_sync {
namespace {

struct Steps {
  std::vector<Step> steps;
};
void bind(config::Binder& b, Steps& s) { b.tables("steps", s.steps); }

config::Loaded load(const std::string& steps) {
  config::Schema schema;
  schema.add<Steps>("test");
  return schema.load(config::read_texts({{"test.toml", "[test]\nsteps = [" + steps + "]\n"}}));
}

std::string flaw_of(const std::string& steps) {
  const auto loaded = load(steps);
  return loaded.flaws.empty() ? "" : loaded.flaws.front().what;
}

std::optional<std::string> through(const std::string& steps, const std::string& value) {
  const auto loaded = load(steps);
  EXPECT_TRUE(loaded.config) << (loaded.flaws.empty() ? "" : loaded.flaws.front().what);
  return loaded.config ? transform(loaded.config->get<Steps>("test").steps, value) : std::nullopt;
}

TEST(Transform, AMapHasNoOtherValues) {
  EXPECT_EQ(through("{ map = { gold = 'enterprise' } }", "gold"), "enterprise");
  EXPECT_EQ(through("{ map = { gold = 'enterprise' } }", "lead"), std::nullopt);
}

TEST(Transform, PrefixesComeAndGo) {
  EXPECT_EQ(through("{ prefix = 'ODG-' }", "7"), "ODG-7");
  EXPECT_EQ(through("{ without_prefix = 'ODG-' }", "ODG-7"), "7");
  EXPECT_EQ(through("{ without_prefix = 'ODG-' }", "7"), std::nullopt);
}

TEST(Transform, StepsFollowOneAnother) {
  EXPECT_EQ(through("{ trim = true }, { case = 'lower' }, { prefix = 'x' }", "  AbC\t"), "xabc");
  EXPECT_EQ(through("{ case = 'upper' }", "straße 한"), "STRAßE 한");
}

TEST(Transform, CapturesTheFirstGroupOrTheMatch) {
  EXPECT_EQ(through(R"({ capture = 'case-(\d+)-' })", "see case-123-muen"), "123");
  EXPECT_EQ(through(R"({ capture = '\d+' })", "a1b22"), "1");
  EXPECT_EQ(through(R"({ capture = 'case-(\d+)' })", "none"), std::nullopt);
  // What backtracks for ever elsewhere.
  EXPECT_EQ(through("{ capture = '(a+)+$' }", std::string(10'000, 'a') + "b"), std::nullopt);
}

TEST(Transform, DatesInOtherForms) {
  EXPECT_EQ(through("{ date = { read = '%d.%m.%Y', write = '%Y-%m-%d' } }", "05.03.2026"), "2026-03-05");
  EXPECT_EQ(through("{ date = { read = '%d.%m.%Y', write = '%Y-%m-%d' } }", "31.02.2026"), std::nullopt);
  EXPECT_EQ(through("{ date = { read = '%d.%m.%Y', write = '%Y-%m-%d' } }", "05.03.2026 x"), std::nullopt);
}

// Nobody means the year 26 of our era.
TEST(Transform, AYearHasFourDigits) {
  const std::string german = "{ date = { read = '%d.%m.%Y', write = '%Y-%m-%d' } }";
  EXPECT_EQ(through(german, "5.3.2026"), "2026-03-05");
  EXPECT_EQ(through(german, "5.3.26"), std::nullopt);
  EXPECT_EQ(through(german, "5.3.026"), std::nullopt);
  EXPECT_EQ(through(german, "5.3.-026"), std::nullopt);
  EXPECT_EQ(through(german, "5.3.0026"), std::nullopt);
  EXPECT_EQ(through("{ date = { read = '%d.%m.%y', write = '%Y-%m-%d' } }", "5.3.26"), "2026-03-05");
  EXPECT_EQ(through("{ date = { read = '%F', write = '%d.%m.%Y' } }", "26-03-05"), std::nullopt);
}

TEST(Transform, NumbersInOtherForms) {
  const std::string german = "{ number = { point = ',', thousands = '.', decimals = 2 } }";
  EXPECT_EQ(through(german, "1.234,5"), "1234.50");
  EXPECT_EQ(through(german, "-0,005"), "-0.01");
  EXPECT_EQ(through(german, "9,999"), "10.00");
  EXPECT_EQ(through(german, "abc"), std::nullopt);
  EXPECT_EQ(through("{ number = { write_point = ',' } }", "12345678901234567890.125"), "12345678901234567890,125");
}

// What fits only by leaving marks out is another number than the one that was meant.
TEST(Transform, ThousandsAreGroupedByThree) {
  const std::string german = "{ number = { point = ',', thousands = '.', decimals = 2 } }";
  EXPECT_EQ(through(german, "1.234.567,89"), "1234567.89");
  EXPECT_EQ(through(german, "-123.456"), "-123456.00");
  EXPECT_EQ(through(german, "1234567,8"), "1234567.80");
  for (const char* wrong : {"1.5", "1,234.5", "1.2.3.4,5", "1234.567", "1.234567", ".123", "1.234.", "1..234", "1,2,3",
                            "1.23", "1,234.567"}) {
    EXPECT_EQ(through(german, wrong), std::nullopt) << wrong;
  }
  EXPECT_EQ(through("{ number = { thousands = ' ' } }", "12 345.5"), "12345.5");
  EXPECT_EQ(through("{ number = { } }", "1.2.3"), std::nullopt);
  EXPECT_EQ(through(german, "5,"), "5.00");
}

TEST(Transform, NothingStaysNothingButForAConstant) {
  EXPECT_EQ(through("{ prefix = 'x' }, { map = { a = 'b' } }", ""), "");
  EXPECT_EQ(through("{ constant = 'supportd' }", ""), "supportd");
  EXPECT_EQ(transform({}, "as it is"), "as it is");
}

TEST(Transform, FlawsAreNamed) {
  EXPECT_THAT(flaw_of("{ capture = '(' }"), testing::HasSubstr("is no regular expression of RE2"));
  EXPECT_THAT(flaw_of("{ trim = true, prefix = 'x' }"), testing::HasSubstr("a step is one of map, prefix"));
  EXPECT_THAT(flaw_of("{ }"), testing::HasSubstr("a step is one of map, prefix"));
  EXPECT_THAT(flaw_of("{ number = { point = ',', thousands = ',' } }"),
              testing::HasSubstr("is the decimal point, too"));
}

}  // namespace
}  // namespace supportd::desk_sync
