#include "daemon/time/instant.hpp"

#include <gtest/gtest.h>

namespace supportd::time {
namespace {

using namespace std::chrono_literals;

TEST(InstantText, WritesMillisecondsOnlyWhenThereAreAny) {
  EXPECT_EQ(to_text(from_millis(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(to_text(from_millis(1)), "1970-01-01T00:00:00.001Z");
  EXPECT_EQ(to_text(from_millis(-1)), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(to_text(from_millis(1'767'225'600'000)), "2026-01-01T00:00:00Z");
  EXPECT_EQ(to_text(never), "never");
  EXPECT_EQ(to_text(Instant::max() - 1ms), "never");
  EXPECT_EQ(to_text(Instant::min()), "-infinity");
}

TEST(InstantText, ReadsWhatItWrites) {
  for (const std::int64_t ms : {0LL, -1LL, 951'782'400'000LL, 1'767'225'600'250LL, 4'102'444'799'999LL}) {
    EXPECT_EQ(parse_instant(to_text(from_millis(ms))).value(), from_millis(ms));
  }
}

TEST(InstantText, ReadsEveryFormOfRfc3339) {
  const Instant noon = parse_instant("2026-01-01T12:00:00Z").value();
  EXPECT_EQ(parse_instant("2026-01-01t12:00:00z").value(), noon);
  EXPECT_EQ(parse_instant("2026-01-01 12:00:00Z").value(), noon);
  EXPECT_EQ(parse_instant("2026-01-01T21:00:00+09:00").value(), noon);
  EXPECT_EQ(parse_instant("2025-12-31T23:30:00-12:30").value(), noon);
  EXPECT_EQ(parse_instant("2026-01-01T12:00:00.5Z").value(), noon + 500ms);
  EXPECT_EQ(parse_instant("2026-01-01T12:00:00.123999999Z").value(), noon + 123ms);
  EXPECT_EQ(parse_instant("2016-12-31T23:59:60Z").value(), parse_instant("2017-01-01T00:00:00Z").value());
}

struct Flaw {
  const char* text;
  std::size_t column;
  const char* word;
};

TEST(InstantText, SaysWhereATextIsWrong) {
  const Flaw flaws[] = {
      {"", 1, "RFC 3339"},
      {"yesterday", 1, "RFC 3339"},
      {"2026-1-01T00:00:00Z", 7, "RFC 3339"},
      {"2026-02-30T00:00:00Z", 1, "no such date: 2026-02-30"},
      {"2026-01-01T24:00:00Z", 12, "no such time"},
      {"2026-01-01T00:00:61Z", 12, "no such time"},
      {"2026-01-01T00:00:00", 20, "offset from UTC is missing"},
      {"2026-01-01T00:00:00.Z", 21, "digit"},
      {"2026-01-01T00:00:00+24:00", 21, "no such offset"},
      {"2026-01-01T00:00:00ZZ", 21, "nothing may follow"},
      {"2026-01-01T00:00:00 Z", 20, "RFC 3339"},
  };
  for (const Flaw& flaw : flaws) {
    const auto parsed = parse_instant(flaw.text);
    ASSERT_FALSE(parsed.has_value()) << flaw.text;
    EXPECT_EQ(parsed.error().column, flaw.column) << flaw.text;
    EXPECT_NE(parsed.error().what.find(flaw.word), std::string::npos) << parsed.error().what;
  }
}

TEST(HttpDate, WritesTheFormOfRfc9110) {
  EXPECT_EQ(to_http_date(parse_instant("1994-11-06T08:49:37.999Z").value()), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(to_http_date(parse_instant("2024-02-29T23:00:00Z").value()), "Thu, 29 Feb 2024 23:00:00 GMT");
}

TEST(HttpDate, ReadsTheFormOfRfc9110) {
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").value(), parse_instant("1994-11-06T08:49:37Z").value());
  for (const char* text : {"", "Sun, 06 Nov 1994 08:49:37", "Sun, 31 Nov 1994 08:49:37 GMT", "6 Nov 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 08:49:37 GMT ", "Sun, 06 Nov 1994 25:49:37 GMT"}) {
    EXPECT_FALSE(parse_http_date(text).has_value()) << text;
  }
}

TEST(Length, WritesTheFewestUnits) {
  EXPECT_EQ(to_text(0ms), "0s");
  EXPECT_EQ(to_text(Millis{90s}), "1m30s");
  EXPECT_EQ(to_text(Millis{90min}), "1h30m");
  EXPECT_EQ(to_text(Millis{48h}), "2d");
  EXPECT_EQ(to_text(1250ms), "1s250ms");
  EXPECT_EQ(to_text(Millis{-15min}), "-15m");
  EXPECT_EQ(to_text(Millis::min()).front(), '-');
}

TEST(Length, ReadsUnitsFromLargeToSmall) {
  EXPECT_EQ(parse_length("90s").value(), 90s);
  EXPECT_EQ(parse_length("1h30m").value(), 90min);
  EXPECT_EQ(parse_length("2d").value(), 48h);
  EXPECT_EQ(parse_length("250ms").value(), 250ms);
  EXPECT_EQ(parse_length("1d2h3m4s5ms").value(), 26h + 3min + 4s + 5ms);
}

TEST(Length, SaysWhereATextIsWrong) {
  const Flaw flaws[] = {
      {"", 1, "not a length"},
      {"90", 3, "a unit is expected"},
      {"-5m", 1, "not a length"},
      {"1.5h", 2, "a unit is expected"},
      {"30m1h", 5, "large to small"},
      {"1m1m", 4, "large to small"},
      {"5ms1s", 5, "large to small"},
      {"1h x", 3, "not a length"},
      {"99999999999999999999s", 1, "too long"},
      {"1h999999999999999999s", 3, "too long"},
  };
  for (const Flaw& flaw : flaws) {
    const auto parsed = parse_length(flaw.text);
    ASSERT_FALSE(parsed.has_value()) << flaw.text;
    EXPECT_EQ(parsed.error().column, flaw.column) << flaw.text;
    EXPECT_NE(parsed.error().what.find(flaw.word), std::string::npos) << parsed.error().what;
  }
}

}  // namespace
}  // namespace supportd::time
