#include "daemon/http/retry_after.hpp"

#include <gtest/gtest.h>

namespace supportd::http {
namespace {

using namespace std::chrono_literals;

const Instant now = *time::parse_instant("2026-01-01T00:00:00Z");

std::optional<Millis> of(std::string text, std::string date = {}) {
  Headers headers{{"retry-after", std::move(text)}};
  if (!date.empty()) headers.add("Date", date);
  return retry_after(headers, now);
}

TEST(RetryAfter, IsSecondsOrADate) {
  EXPECT_EQ(of("30"), 30s);
  EXPECT_EQ(of("0.25"), 250ms);
  EXPECT_EQ(of("Thu, 01 Jan 2026 00:01:00 GMT"), 60s);
  EXPECT_EQ(of("Thu, 01 Jan 2026 00:01:00 GMT", "Thu, 01 Jan 2026 00:00:50 GMT"), 10s) << "by the answer's own clock";
}

TEST(RetryAfter, IsNeverNegativeNorEndless) {
  EXPECT_EQ(of("-5"), 0s);
  EXPECT_EQ(of("Thu, 01 Jan 2015 00:00:00 GMT"), 0s);
  EXPECT_EQ(of("1e300"), 24h);
  EXPECT_EQ(of("Thu, 01 Jan 2099 00:00:00 GMT"), 24h);
}

TEST(RetryAfter, IsNothingWhenItSaysNothing) {
  EXPECT_EQ(of("soon"), std::nullopt);
  EXPECT_EQ(of("12 parsecs"), std::nullopt);
  EXPECT_EQ(of("nan"), 0s);
  EXPECT_EQ(retry_after({}, now), std::nullopt);
}

}  // namespace
}  // namespace supportd::http
