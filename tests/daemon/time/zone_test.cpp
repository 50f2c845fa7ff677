#include "daemon/time/zone.hpp"

#include <gtest/gtest.h>

namespace supportd::time {
namespace {

std::string refusal(std::string_view name) {
  const auto zone = Zone::find(name);
  return zone.has_value() ? "accepted" : zone.error().what;
}

TEST(ZoneFind, KnowsZonesAndLinks) {
  EXPECT_EQ(Zone::find("Asia/Seoul").value().name(), "Asia/Seoul");
  EXPECT_EQ(Zone::find("UTC").value(), Zone::utc());
  EXPECT_TRUE(Zone::find("US/Eastern").has_value());
}

TEST(ZoneFind, NamesNearMisses) {
  EXPECT_EQ(refusal("Asia/Seul"), "no time zone \"Asia/Seul\": did you mean Asia/Seoul?");
  EXPECT_EQ(refusal("asia/seoul"), "no time zone \"asia/seoul\": did you mean Asia/Seoul?");
  EXPECT_EQ(refusal("Seoul"), "no time zone \"Seoul\": did you mean Asia/Seoul?");
  EXPECT_NE(refusal("America/New York").find("America/New_York"), std::string::npos);
  EXPECT_EQ(refusal("Nowhere/At_All"),
            "no time zone \"Nowhere/At_All\": expected an IANA name such as Asia/Seoul or UTC");
}

TEST(ZoneFind, RefusesWhatIsNotAnIanaName) {
  for (const char* name : {"", "posix/Asia/Seoul", "right/Asia/Seoul", "Factory", "localtime", "../zoneinfo/UTC",
                           "/usr/share/zoneinfo/UTC", "Asia", "Asia/", "UTC\n", "tzdata.zi", "EST5EDT4"}) {
    EXPECT_NE(refusal(name), "accepted") << name;
  }
  EXPECT_NE(refusal(std::string(10'000, 'a')), "accepted");
}

TEST(ZoneText, NamesTheAbbreviationInForce) {
  const Zone new_york = Zone::find("America/New_York").value();
  EXPECT_EQ(new_york.to_text(parse_instant("2026-01-01T12:00:00Z").value()), "2026-01-01 07:00:00 EST");
  EXPECT_EQ(new_york.to_text(parse_instant("2026-07-01T12:00:00Z").value()), "2026-07-01 08:00:00 EDT");
  EXPECT_EQ(Zone::utc().to_text(from_millis(-1)), "1969-12-31 23:59:59 UTC");
}

TEST(ZoneLocal, ReadsTheWallClock) {
  const Zone seoul = Zone::find("Asia/Seoul").value();
  EXPECT_EQ(seoul.local(from_millis(0)).time_since_epoch(), std::chrono::hours{9});
}

}  // namespace
}  // namespace supportd::time
