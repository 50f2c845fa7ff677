#include "jobs/calendar/ics.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "daemon/json.hpp"
#include "tests/shared.hpp"

namespace supportd::calendar {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Result {
  std::vector<std::string> days;
  std::string last;
  std::vector<std::string> flaws;
};

Result read(const std::string& events, const Pick& pick = {}) {
  config::Report report;
  Result out;
  const Feed feed = read_ics("BEGIN:VCALENDAR\r\n" + events + "END:VCALENDAR\r\n", "a.ics", pick, report);
  for (const auto& [day, holiday] : feed.days) out.days.push_back(to_text(day) + " " + holiday.name);
  out.last = feed.last ? to_text(*feed.last) : "none";
  for (const auto& flaw : report.sorted()) out.flaws.push_back(config::to_text(flaw));
  return out;
}

std::string event(const std::string& lines) { return "BEGIN:VEVENT\r\n" + lines + "END:VEVENT\r\n"; }

TEST(Ics, AnEventIsItsDaysWithoutTheLast) {
  const auto got = read(event("DTSTART;VALUE=DATE:20260216\r\nDTEND;VALUE=DATE:20260219\r\nSUMMARY:설날\\, 연휴\r\n") +
                        event("DTSTART;VALUE=DATE:20260301\r\nSUMMARY;LANGUAGE=en:Independence\r\n  Movement\r\n") +
                        event("DTSTART;VALUE=DATE:20261231\nDURATION:P2D\nSUMMARY:Turn of the year\n"));
  EXPECT_THAT(got.flaws, IsEmpty());
  EXPECT_THAT(got.days, ElementsAre("2026-02-16 설날, 연휴", "2026-02-17 설날, 연휴", "2026-02-18 설날, 연휴",
                                    "2026-03-01 Independence Movement", "2026-12-31 Turn of the year",
                                    "2027-01-01 Turn of the year"));
}

TEST(Ics, YearsComeAgain) {
  const auto got = read(event("DTSTART;VALUE=DATE:20240229\nRRULE:FREQ=YEARLY;UNTIL=20330101\nSUMMARY:Leap\n") +
                        event("DTSTART;VALUE=DATE:20241128\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH;COUNT=3\n"
                              "EXDATE;VALUE=DATE:20251127\nSUMMARY:Thanksgiving\n") +
                        event("DTSTART;VALUE=DATE:20240527\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO;INTERVAL=2;COUNT=2\n"
                              "SUMMARY:Memorial\n"));
  EXPECT_THAT(got.flaws, IsEmpty());
  EXPECT_THAT(got.days,
              ElementsAre("2024-02-29 Leap", "2024-05-27 Memorial", "2024-11-28 Thanksgiving", "2026-05-25 Memorial",
                          "2026-11-26 Thanksgiving", "2028-02-29 Leap", "2032-02-29 Leap"));
}

TEST(Ics, ARuleWithoutEndEndsWithTheCalendar) {
  const auto got = read(event("DTSTART;VALUE=DATE:19700101\nRRULE:FREQ=YEARLY;COUNT=1000000000\nSUMMARY:New Year\n"));
  EXPECT_THAT(got.flaws, IsEmpty());
  EXPECT_THAT(got.days, SizeIs(48)) << "1990 to 2037";
}

TEST(Ics, WhatComesAgainWithoutEndDoesNotTellHowFarTheRestIsKnown) {
  const std::string endless = event("DTSTART;VALUE=DATE:20200101\nRRULE:FREQ=YEARLY\nSUMMARY:New Year\n");
  const std::string single = event("DTSTART;VALUE=DATE:20261231\nDURATION:P2D\nSUMMARY:Turn of the year\n");
  EXPECT_EQ(read(endless + single).last, "2026-12-31") << "an event over the turn of the year is of the first";
  EXPECT_EQ(read(endless).last, "none");
  EXPECT_EQ(read(endless + event("DTSTART;VALUE=DATE:20200214\nRRULE:FREQ=YEARLY;COUNT=3\n")).last, "2022-02-14");
  EXPECT_EQ(read(endless + event("DTSTART;VALUE=DATE:20200214\nRRULE:FREQ=YEARLY;UNTIL=20241231\n")).last,
            "2024-02-14");
  EXPECT_EQ(read(event("DTSTART;VALUE=DATE:20200101\nRRULE:FREQ=YEARLY\nRDATE;VALUE=DATE:20250103\n")).last,
            "2025-01-03");
  EXPECT_EQ(
      read(single + event("DTSTART;VALUE=DATE:20300101\nSUMMARY:Observance\n"), {.only = {}, .except = {"obs"}}).last,
      "2026-12-31")
      << "what does not count tells nothing";
}

TEST(Ics, OnlyWhatIsWantedCounts) {
  const std::string all = event("DTSTART;VALUE=DATE:20261111\nSUMMARY:St. Martin\nCATEGORIES:Observance\n") +
                          event("DTSTART;VALUE=DATE:20261225\nSUMMARY:Christmas Day\nCATEGORIES:Public holiday\n") +
                          event("DTSTART;VALUE=DATE:20260329\nSUMMARY:Sommerzeit beginnt\n") +
                          event("DTSTART;VALUE=DATE:20261226\nSUMMARY:Boxing Day\nSTATUS:CANCELLED\n");
  EXPECT_THAT(read(all, {.only = {"public"}, .except = {}}).days, ElementsAre("2026-12-25 Christmas Day"));
  EXPECT_THAT(read(all, {.only = {}, .except = {"observance", "sommerzeit|daylight"}}).days,
              ElementsAre("2026-12-25 Christmas Day"));
  EXPECT_THAT(read(all, {.only = {"("}, .except = {}}).flaws, ElementsAre(HasSubstr("'(' is no regular expression")));
}

// A file with a flaw is not half understood: each is said with its line.
TEST(Ics, IsReadStrictly) {
  const auto flaw_of = [](const std::string& lines) {
    const auto got = read(event(lines));
    return got.flaws.empty() ? "none" : got.flaws.front();
  };
  EXPECT_EQ(flaw_of("DTSTART:20260101T090000Z\n"),
            "a.ics:3:1: DTSTART is a time: a holiday is a whole day (DTSTART;VALUE=DATE:20260101)");
  EXPECT_THAT(flaw_of("DTSTART;VALUE=DATE:20260230\n"), HasSubstr("a.ics:3:1: DTSTART: '20260230' is no date"));
  EXPECT_THAT(flaw_of("DTSTART;VALUE=DATE:20260101\nDTEND;VALUE=DATE:20260101\n"), HasSubstr("DTEND is the day after"));
  EXPECT_THAT(flaw_of("DTSTART;VALUE=DATE:20260101\nDTEND;VALUE=DATE:20290101\n"), HasSubstr("here 1096"));
  EXPECT_THAT(flaw_of("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY\n"), HasSubstr("only YEARLY is understood"));
  EXPECT_THAT(flaw_of("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY;BYWEEKNO=3\n"), HasSubstr("is not understood"));
  EXPECT_THAT(flaw_of("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY;BYDAY=MO\n"), HasSubstr("BYDAY"));
  EXPECT_THAT(flaw_of("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY;INTERVAL=0\n"), HasSubstr("INTERVAL"));
  EXPECT_THAT(flaw_of("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY;COUNT=3;UNTIL=20300101\n"),
              HasSubstr("COUNT and UNTIL exclude each other"));
  EXPECT_THAT(flaw_of("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=YEARLY;BYMONTH=2\n"), HasSubstr("another date"));
  EXPECT_THAT(flaw_of("DTSTART;VALUE=DATE:20260101\nRECURRENCE-ID;VALUE=DATE:20270101\n"), HasSubstr("RECURRENCE-ID"));
  EXPECT_THAT(flaw_of("DTSTART;VALUE=DATE:20260101\nDTSTART;VALUE=DATE:20260102\n"),
              HasSubstr("a.ics:4:1: DTSTART stands twice in one event"));
  EXPECT_THAT(flaw_of("SUMMARY:when?\n"), HasSubstr("a.ics:2:1: an event without DTSTART"));
  EXPECT_THAT(flaw_of("no property\n"), HasSubstr("a.ics:3:1: no property"));
  EXPECT_THAT(read("").flaws, ElementsAre("a.ics: no event in it"));
}

TEST(Ics, AllFlawsAreToldAtOnce) {
  EXPECT_THAT(read(event("DTSTART:20260101T090000Z\n") + event("SUMMARY:when?\n") +
                   event("DTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY\n"))
                  .flaws,
              ElementsAre(HasSubstr("a.ics:3:1: DTSTART is a time"), "a.ics:5:1: an event without DTSTART",
                          HasSubstr("a.ics:10:1: RRULE")));
}

TEST(Ics, OtherComponentsAreLeftAlone) {
  const auto got =
      read("BEGIN:VTIMEZONE\nTZID:X\nBEGIN:STANDARD\nDTSTART:19701101T020000\nEND:STANDARD\nEND:VTIMEZONE\n" +
           event("DTSTART;VALUE=DATE:20260101\nSUMMARY:New Year\nBEGIN:VALARM\nTRIGGER:-PT15M\nEND:VALARM\n"));
  EXPECT_THAT(got.flaws, IsEmpty());
  EXPECT_THAT(got.days, ElementsAre("2026-01-01 New Year"));
}

TEST(Ics, BombsAreRefused) {
  std::string many;
  for (int i = 0; i < 10'001; ++i) many += event("DTSTART;VALUE=DATE:20260101\n");
  EXPECT_THAT(read(many).flaws, ElementsAre(HasSubstr("more than 10000 events")));
  std::string wide;
  for (int i = 0; i < 9'000; ++i) wide += event("DTSTART;VALUE=DATE:19900101\nDURATION:P52W\nRRULE:FREQ=YEARLY\n");
  EXPECT_THAT(read(wide).flaws, ElementsAre(HasSubstr("more than 100000 days")));
  std::string deep;
  for (int i = 0; i < 1'000; ++i) deep += "BEGIN:VEVENT\n";
  EXPECT_THAT(read(deep).flaws, ElementsAre(HasSubstr("nest too deep")));
  std::string folded = "SUMMARY:a\n";
  for (int i = 0; i < 2'000; ++i) folded += " a\n";
  EXPECT_THAT(read(event(folded)).flaws.front(), HasSubstr("folded more than a thousand times"));
  EXPECT_THAT(read(std::string(3 * 1024 * 1024, 'a')).flaws, ElementsAre(HasSubstr("larger than 2 MiB")));
  EXPECT_THAT(read("BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260101\n").flaws.back(), HasSubstr("an END without its BEGIN"));
}

// The Korean days of three libraries, as a feed would bring them.
TEST(Ics, AgreesWithTheDaysOfTheVectors) {
  const std::string file = SUPPORTD_SHARED "/vectors/kr-holidays-2024-2030.ics";
  SUPPORTD_NEED_SHARED(file);
  std::ostringstream text, verdicts;
  text << std::ifstream(file).rdbuf();
  verdicts << std::ifstream(SUPPORTD_SHARED "/vectors/kr-holidays-2024-2030.json").rdbuf();
  config::Report report;
  const auto days = read_ics(text.str(), file, {}, report).days;
  EXPECT_THAT(report.sorted(), IsEmpty());
  const auto document = json::Document::parse(verdicts.str());
  for (const json::View& it : document.root().at("days").items()) {
    const std::string verdict = it.at("verdict").string();
    if (verdict == "disputed") continue;
    const bool is_holiday = verdict == "agreed" || verdict == "holiday";
    EXPECT_EQ(days.contains(parse_day(it.at("date").string()).value()), is_holiday) << it.dump();
  }
}

}  // namespace
}  // namespace supportd::calendar
