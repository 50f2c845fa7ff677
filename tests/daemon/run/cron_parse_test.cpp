#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/run/schedule.hpp"

namespace supportd::run {
namespace {

struct Flaw {
  const char* text;
  std::size_t column;
  const char* word;
};

const Flaw flaws[] = {
    {"", 1, "found 0"},
    {"* * * *", 8, "found 4"},
    {"0 0 0 1 1 * 2027", 13, "a 7th"},
    {"60 * * * *", 1, "minute 60 is out of range 0-59"},
    {"* 24 * * *", 3, "hour 24 is out of range 0-23"},
    {"* * 0 * *", 5, "day of month 0 is out of range 1-31"},
    {"* * 32 * *", 5, "out of range 1-31"},
    {"* * * 13 *", 7, "month 13 is out of range 1-12"},
    {"* * * * 8", 9, "day of week 8 is out of range 0-7"},
    {"60 * * * * *", 1, "second 60"},
    {"99999999999999999999 * * * *", 1, "out of range 0-59"},
    {"0-60 * * * *", 3, "minute 60"},
    {"*5 * * * *", 2, "unexpected '5' after \"*\""},
    {"5* * * * *", 2, "unexpected '*' after \"5\""},
    {"1.5 * * * *", 2, "unexpected '.'"},
    {"0~30 * * * *", 2, "unexpected '~'"},
    {"5#2 * * * *", 2, "unexpected '#'"},
    {"1-2-3 * * * *", 4, "unexpected '-'"},
    {"*/5/5 * * * *", 4, "unexpected '/'"},
    {"-1 * * * *", 1, "unexpected '-'"},
    {"1, * * * *", 3, "a value is missing"},
    {",1 * * * *", 1, "unexpected ','"},
    {"1- * * * *", 3, "a value is missing"},
    {"*/ * * * *", 3, "a value is missing"},
    {"*/0 * * * *", 3, "a step of 0"},
    {"*/61 * * * *", 3, "step 61 is larger than the 60 values of minute"},
    {"* */25 * * *", 5, "step 25 is larger than the 24"},
    {"? * * * *", 1, "unexpected '?'"},
    {"* * * ? *", 7, "unexpected '?'"},
    {"* * ?/2 * *", 6, "unexpected '/'"},
    {"* * * JAM *", 7, "unexpected 'J': month is 1-12 or JAN-DEC"},
    {"* * * JANUARY *", 10, "unexpected 'U' after \"JAN\""},
    {"* * * * MON-", 13, "a value is missing"},
    {"* * * * L", 9, "FRIL"},
    {"* * * * 5#6", 11, "# takes 1 to 5"},
    {"* * * * 5#0", 11, "# takes 1 to 5"},
    {"* * * * 1/2", 10, "a step needs a range"},
    {"* * * * MON-FRIL", 16, "unexpected 'L'"},
    {"* * * * +", 10, "a value is missing"},
    {"* * * * +*", 10, "'+' needs a day of the week"},
    {"* * +1 * MON", 5, "unexpected '+'"},
    {"* * L-31 * *", 7, "1 to 30"},
    {"* * L-3W * *", 8, "unexpected 'W'"},
    {"* * W * *", 5, "unexpected 'W'"},
    {"* * 32W * *", 5, "out of range"},
    {"0 0 30 2 *", 5, "never runs: no date is day of month 30 in month 2"},
    {"0 0 31 2,4,6,9,11 *", 5, "never runs"},
    {"0 0 30W FEB *", 5, "never runs"},
    {"0 0 L-30 2 *", 5, "never runs"},
    {"0 0 1-7 * +MON#2", 5, "and day of week +MON#2"},
    {"0\n0 * * *", 2, "no part of a schedule"},
    {"\xc3\xa9 * * * *", 1, "no part of a schedule"},
    {"@dayly", 1, "known are @yearly"},
    {"@reboot", 1, "known are @yearly"},
    {"@daily 5", 8, "nothing may follow"},
    {"@every 90s", 1, "every 90s"},
    {"every", 6, "every what?"},
    {"every 3661d", 7, "at most"},
    {"every 90", 9, "a unit is expected"},
    {"  every 1x", 10, "a unit is expected"},
    {"every 0s", 7, "at least 1s"},
    {"every 999ms", 7, "at least 1s"},
};

TEST(CronParse, SaysWhereAndWhatWouldBeRight) {
  for (const Flaw& flaw : flaws) {
    const auto parsed = Schedule::parse(flaw.text, time::Zone::utc());
    ASSERT_FALSE(parsed.has_value()) << flaw.text;
    EXPECT_EQ(parsed.error().column, flaw.column) << flaw.text << ": " << parsed.error().what;
    EXPECT_THAT(parsed.error().what, testing::HasSubstr(flaw.word)) << flaw.text;
  }
  EXPECT_EQ(Schedule::parse(std::string(1001, '*'), time::Zone::utc()).error().column, 1001u);
}

TEST(CronParse, AcceptsTheWholeDialect) {
  for (const char* text : {"\t0  0 * * * ", "0 0 ? * MON",     "0 0 1 * ?",
                           "00 00 01 01 *", "0 0 l * *",       "0 0 lw * *",
                           "0 0 15w * *",   "0 0 1,L,15W * *", "0 0 * jan,Feb FRI#2,sunL",
                           "*/60 * * * *",  "0 0 30 2 MON",    "0 0 29 2 +SUN",
                           "0 0 28-3 * *",  "@YEARLY",         "@annually",
                           "@monthly",      "@weekly",         "@daily",
                           "@midnight",     "@hourly",         "every 1h30m",
                           " every  90s ",  "Every 90s"}) {
    const auto parsed = Schedule::parse(text, time::Zone::utc());
    EXPECT_TRUE(parsed.has_value()) << text << ": " << parsed.error().what;
  }
}

std::vector<std::string> lint(std::string_view text) { return Schedule::parse(text, time::Zone::utc()).value().lint(); }

TEST(CronLint, NamesWhatMaySurprise) {
  using testing::Contains;
  using testing::HasSubstr;
  EXPECT_THAT(lint("0 9 * * MON-FRI"), testing::IsEmpty());
  EXPECT_THAT(lint("@daily"), testing::IsEmpty());
  EXPECT_THAT(lint("0 0 13 * 5"), testing::ElementsAre(HasSubstr("OR the day of week")));
  EXPECT_THAT(lint("0 0 13 * +5"), testing::IsEmpty());
  EXPECT_THAT(lint("0 0 */2 * 1"), Contains(HasSubstr("Vixie cron and cronie would AND")));
  EXPECT_THAT(lint("0 22-2 * * *"), testing::ElementsAre(HasSubstr("22, 23, 0, 1, 2;")));
  EXPECT_THAT(lint("0 0 * * FRI-MON"), testing::ElementsAre(HasSubstr("FRI, SAT, SUN, MON;")));
  EXPECT_THAT(lint("5/15 * * * *"), testing::ElementsAre(HasSubstr("runs on to 59; Vixie cron refuses it")));
  EXPECT_THAT(lint("*/45 * * * *"), testing::ElementsAre(HasSubstr("after 45, is shorter")));
  EXPECT_THAT(lint("10-12/5 * * * *"), testing::ElementsAre(HasSubstr("is only 10")));
  EXPECT_THAT(lint("0 0 31 * *"), testing::ElementsAre(HasSubstr("no run in FEB, APR, JUN, SEP, NOV")));
  EXPECT_THAT(lint("0 0 29 2 *"), testing::ElementsAre(HasSubstr("leap years")));
}

TEST(CronWords, ReadAsEnglish) {
  const std::pair<const char*, const char*> readings[] = {
      {"30 2 * * 1-5", "at 02:30 on Monday to Friday"},
      {"* * * * *", "every minute"},
      {"*/15 * * * *", "every 15 minutes"},
      {"0 * * * *", "at minute 0 of every hour"},
      {"*/10 * * * * *", "every 10 seconds"},
      {"*/10 9-17 * * *", "every 10 minutes of hours 9 to 17"},
      {"0 */2 * * *", "at minute 0 of every 2nd hour"},
      {"0,30 1 * * *", "at 01:00 and 01:30"},
      {"15 30 1 * * *", "at 01:30:15"},
      {"@weekly", "at 00:00 on Sunday"},
      {"0 0 1,15 * *", "at 00:00 on days 1 and 15 of the month"},
      {"0 0 L * *", "at 00:00 on the last day of the month"},
      {"0 0 L-2 2 *", "at 00:00 on 2 days before the last day of the month, in February"},
      {"0 0 LW * *", "at 00:00 on the last Monday-to-Friday day of the month"},
      {"0 0 15W * *", "at 00:00 on the Monday-to-Friday day nearest to day 15"},
      {"0 0 * * FRI#2", "at 00:00 on the second Friday of the month"},
      {"0 0 * * 5L", "at 00:00 on the last Friday of the month"},
      {"0 0 13 * 5", "at 00:00 on day 13 of the month or on Friday"},
      {"0 0 13 * +5", "at 00:00 on day 13 of the month, if it is Friday"},
      {"0 0 1 NOV-FEB *", "at 00:00 on day 1 of the month, in November to February"},
      {"5/15 * * * *", "at every 15th minute from 5 to 59 of every hour"},
      {"1-42 */3 * * *", "at minutes 1 to 42 of every 3rd hour"},
  };
  for (const auto& [text, words] : readings) {
    EXPECT_EQ(Schedule::parse(text, time::Zone::utc()).value().in_words(), words) << text;
  }
}

}  // namespace
}  // namespace supportd::run
