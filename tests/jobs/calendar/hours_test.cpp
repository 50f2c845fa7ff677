#include "jobs/calendar/hours.hpp"

#include <gmock/gmock.h>

#include "jobs/calendar/definition.hpp"
#include "jobs/calendar/target.hpp"

namespace supportd::calendar {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string mistake(const char* text) {
  const auto parsed = parse_hours(text);
  return parsed ? "none" : parsed.error().what;
}

TEST(Hours, AreReadAndWrittenAlike) {
  for (const char* text : {"closed", "09:00-17:00", "09:00-12:00, 13:00-18:00", "22:00-06:00", "00:00-24:00",
                           "12:12:00-12:12:30", "00:00-06:00, 22:00-24:00"}) {
    const auto hours = parse_hours(text);
    ASSERT_TRUE(hours) << text;
    const std::string again = to_text(*hours);
    EXPECT_EQ(parse_hours(again).value(), *hours) << again;
  }
  EXPECT_EQ(to_text(parse_hours("13:00-18:00,09:00-12:00").value()), "09:00-12:00, 13:00-18:00");
  EXPECT_EQ(to_text(parse_hours("09:00-12:00, 12:00-18:00").value()), "09:00-18:00");
  EXPECT_EQ(to_text(parse_hours("22:00-06:00").value()), "22:00-06:00");
}

TEST(Hours, SayWhatIsWrong) {
  EXPECT_THAT(mistake("9-17"), HasSubstr("'9' is no time of day"));
  EXPECT_THAT(mistake("09:00"), HasSubstr("is no time span"));
  EXPECT_THAT(mistake("24:01-25:00"), HasSubstr("'24:01' is no time of day"));
  EXPECT_THAT(mistake("09:60-10:00"), HasSubstr("'09:60'"));
  EXPECT_THAT(mistake("09:00:00:00-10:00"), HasSubstr("no time of day"));
  EXPECT_THAT(mistake("09:00-09:00"), HasSubstr("no time at all"));
  EXPECT_THAT(mistake("24:00-09:00"), HasSubstr("no time at all"));
  EXPECT_EQ(mistake("09:00-13:00, 12:00-18:00"), "09:00-13:00 and 12:00-18:00 overlap");
  EXPECT_EQ(mistake("06:00-12:00, 22:00-07:00"), "22:00-07:00 and the next day's 06:00-12:00 overlap");
  EXPECT_THAT(mistake(""), HasSubstr("is no time span"));
  EXPECT_THAT(mistake("09:00-17:00,"), HasSubstr("is no time span"));
}

TEST(Weekdays, AreOneOrARange) {
  EXPECT_THAT(parse_weekdays("mon").value(), ElementsAre(1U));
  EXPECT_THAT(parse_weekdays("fri-mon").value(), ElementsAre(5U, 6U, 0U, 1U));
  EXPECT_FALSE(parse_weekdays("monday"));
  EXPECT_FALSE(parse_weekdays("mon-"));
}

TEST(Dates, AreChecked) {
  EXPECT_EQ(to_text(parse_day("2028-02-29").value()), "2028-02-29");
  for (const char* text :
       {"2027-02-29", "2026-13-01", "2026-1-1", "26-01-01", "2026-00-10", "2026-01-00", "20260101"}) {
    EXPECT_FALSE(parse_day(text)) << text;
  }
}

Definition week_of(const char* friday, const char* saturday) {
  Definition out;
  out.week[5] = parse_hours(friday).value();
  out.week[6] = parse_hours(saturday).value();
  return out;
}

TEST(Review, FindsNightsThatRunIntoTheNextDay) {
  const auto remarks = review(week_of("22:00-06:00", "05:00-12:00"));
  ASSERT_EQ(remarks.size(), 1U);
  EXPECT_EQ(remarks[0].what, "fri 22:00-06:00 and sat 05:00-12:00 overlap");
  EXPECT_FALSE(remarks[0].warning);
  EXPECT_THAT(review(week_of("22:00-06:00", "06:00-12:00")), IsEmpty());
}

TEST(Review, WarnsOfADatesNightThatAnotherDateEnds) {
  Definition it = week_of("09:00-17:00", "closed");
  it.days[parse_day("2026-12-24").value()] = parse_hours("22:00-10:00").value();
  it.days[parse_day("2026-12-25").value()] = parse_hours("09:00-10:00").value();
  ASSERT_EQ(review(it).size(), 1U);
  EXPECT_TRUE(review(it)[0].warning);
  EXPECT_EQ(review(it)[0].key, "days.2026-12-24");
  EXPECT_EQ(review(it)[0].what, "2026-12-24 22:00-10:00 ends at midnight: 2026-12-25 has hours of its own");
  it.days[parse_day("2026-12-24").value()] = parse_hours("22:00-24:00").value();
  EXPECT_THAT(review(it), IsEmpty());
}

TEST(Review, WarnsOfWhatWasHardlyMeant) {
  const auto inverted = review(week_of("17:00-09:00", "closed"));
  ASSERT_EQ(inverted.size(), 1U);
  EXPECT_TRUE(inverted[0].warning);
  EXPECT_EQ(inverted[0].what, "fri 17:00-09:00 is open all night: 09:00-17:00 is the other way round");
  EXPECT_THAT(review({})[0].what, HasSubstr("no weekday has hours"));
  Definition lunch = week_of("09:00-17:00", "closed");
  lunch.breaks[parse_day("2026-11-28").value()] = parse_hours("12:00-13:00").value();
  EXPECT_EQ(review(lunch)[0].what, "2026-11-28 12:00-13:00 lies outside of the day's hours (closed)");
}

TEST(Targets, AreReadAndWrittenAlike) {
  for (const char* text : {"4h", "1h30m", "24h", "15m", "4h elapsed", "2 business days", "next business day"}) {
    const auto target = parse_target(text);
    ASSERT_TRUE(target) << text;
    EXPECT_EQ(to_text(*target), text);
  }
  EXPECT_EQ(parse_target("1 business day").value(), parse_target("next business day").value());
  for (const char* text :
       {"0s", "0 business days", "-1h", "soon", "2 business day", "4 h", "", "36526d", "106751991167d elapsed"}) {
    EXPECT_FALSE(parse_target(text)) << text;
  }
}

TEST(Targets, AreDueByTheirOwnKindOfTime) {
  Definition it;
  it.zone = time::Zone::find("Asia/Seoul").value();
  for (unsigned i = 1; i <= 5; ++i) it.week[i] = parse_hours("09:00-18:00").value();
  const Calendar calendar(it);
  const Instant friday_late = time::parse_instant("2026-03-13T08:00:00Z").value();  // 17:00
  const auto due_of = [&](const char* text) {
    return time::to_text(due(parse_target(text).value(), calendar, friday_late)->earliest);
  };
  EXPECT_EQ(due_of("4h"), "2026-03-16T03:00:00Z");
  EXPECT_EQ(due_of("4h elapsed"), "2026-03-13T12:00:00Z");
  EXPECT_EQ(due_of("next business day"), "2026-03-16T09:00:00Z");
  EXPECT_EQ(due_of("10 business days"), "2026-03-27T09:00:00Z");
}

}  // namespace
}  // namespace supportd::calendar
