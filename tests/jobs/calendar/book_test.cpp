#include "jobs/calendar/book.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "daemon/config/schema.hpp"
#include "daemon/json.hpp"
#include "tests/fakes/scratch.hpp"
#include "tests/shared.hpp"

namespace supportd::calendar {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Instant at(const char* text) { return time::parse_instant(text).value(); }

class BookTest : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) { std::ofstream(scratch / name) << text; }
  Section section(const std::string& toml = "") {
    config::Schema schema;
    schema.add<Section>("calendar");
    const auto loaded = schema.load(
        config::read_texts({{"a.toml", "[calendar]\ndirectory = \"" + scratch.path().string() + "\"\n" + toml}}));
    if (!loaded.config) throw std::runtime_error(config::to_text(loaded.flaws.front()));
    return loaded.config->get<Section>("calendar");
  }
  std::vector<std::string> flaws(const std::string& name, const std::string& toml = "") {
    std::vector<std::string> out;
    for (const auto& flaw : read_definition(section(toml), name).flaws) out.push_back(config::to_text(flaw));
    return out;
  }
  fakes::Scratch scratch;
};

TEST_F(BookTest, AFileAndWhatTheConfigurationSaysOfIt) {
  write("office.toml",
        "zone = \"Asia/Seoul\"\nholidays = [\"kr.toml\", \"more.ics\"]\n[week]\nmon-fri = \"09:00-18:00\"\n");
  write("kr.toml", "source = \"a book\"\nvalid_to = \"2026-12-31\"\n[days]\n2026-03-02 = \"대체공휴일\"\n");
  write("more.ics",
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260303\nSUMMARY:moving\nEND:VEVENT\nEND:VCALENDAR\n");
  const Book plain(section());
  EXPECT_EQ(plain.get("office")->between(at("2026-03-01T15:00:00Z"), at("2026-03-04T15:00:00Z")),
            std::chrono::hours{9});
  EXPECT_EQ(to_text(*plain.get("office")->definition().valid_to), "2026-12-31");
  EXPECT_THAT(plain.names(), ElementsAre("kr", "office"));
  const Book book(
      section("[calendar.hours.office]\ndays = { 2026-03-02 = \"10:00-11:00\", 2026-03-04 = \"closed\" }\n"));
  EXPECT_EQ(book.get("office")->between(at("2026-03-01T15:00:00Z"), at("2026-03-04T15:00:00Z")), std::chrono::hours{1});
  EXPECT_EQ(book.get("office"), book.get("office")) << "read once";
}

TEST_F(BookTest, ACalendarMayStandInTheConfigurationAlone) {
  const Book book(section("[calendar.hours.night]\nzone = \"Europe/Berlin\"\nweek = { sat = \"22:00-02:00\" }\n"));
  EXPECT_EQ(book.get("night")->next_open(at("2026-11-26T00:00:00Z")), at("2026-11-28T21:00:00Z"));
}

TEST_F(BookTest, UntilWhenTheHolidaysAreKnown) {
  const auto known = [&](const std::string& office, const std::string& toml = "") {
    write("office.toml", office + "[week]\nmon-fri = \"09:00-18:00\"\n");
    const auto until = Book(section(toml)).get("office")->definition().valid_to;
    return until ? to_text(*until) : "for ever";
  };
  const auto feed = [&](const std::string& name, const std::string& events) {
    write(name, "BEGIN:VCALENDAR\n" + events + "END:VCALENDAR\n");
  };
  const std::string endless = "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20200101\nRRULE:FREQ=YEARLY\nEND:VEVENT\n";
  feed("rules.ics", endless);
  feed("feed.ics", endless + "BEGIN:VEVENT\nDTSTART;VALUE=DATE:20260924\nSUMMARY:Chuseok\nEND:VEVENT\n");
  write("table.toml", "source = \"a book\"\nvalid_to = \"2027-12-31\"\n[days]\n2026-03-02 = \"a\"\n");
  EXPECT_EQ(known("holidays = [\"rules.ics\"]\n"), "for ever") << "nothing else was written down";
  EXPECT_EQ(known("holidays = [\"feed.ics\"]\n"), "2026-12-31");
  EXPECT_EQ(known("holidays = [\"feed.ics\", \"table.toml\"]\n"), "2026-12-31");
  EXPECT_EQ(known("holidays = [\"rules.ics\", \"table.toml\"]\n"), "2027-12-31");
  EXPECT_EQ(known("valid_to = \"2028-06-30\"\nholidays = [\"feed.ics\"]\n"), "2028-06-30");
  EXPECT_EQ(known("valid_to = \"2028-06-30\"\nholidays = [\"feed.ics\", \"table.toml\"]\n"), "2027-12-31");
  EXPECT_EQ(known("holidays = [\"feed.ics\"]\n", "[calendar.hours.office]\nvalid_to = \"2026-06-30\"\n"), "2026-06-30");
}

TEST_F(BookTest, FlawsNameFileAndLine) {
  const std::string file = (scratch / "a.toml").string();
  write("a.toml", "zone = \"Asia/Seul\"\n[week]\nmon = \"9-17\"\n");
  EXPECT_THAT(flaws("a"), ElementsAre(AllOf(HasSubstr(file + ":1:"), HasSubstr("did you mean")),
                                      AllOf(HasSubstr(file + ":3:"), HasSubstr("'9' is no time of day"))));
  write("a.toml", "[week]\nmon = \"09:00-17:00\"\nmon-fri = \"09:00-17:00\"\n");
  EXPECT_THAT(flaws("a"), ElementsAre(HasSubstr("mon stands in mon and in mon-fri")));
  write("a.toml", "[week]\nmonday = \"09:00-17:00\"\n");
  EXPECT_THAT(flaws("a"), ElementsAre(HasSubstr("'monday' is no weekday")));
  write("a.toml", "[week]\nfri = \"22:00-06:00\"\nsat = \"05:00-06:00\"\n");
  EXPECT_THAT(flaws("a"), ElementsAre(HasSubstr("fri 22:00-06:00 and sat 05:00-06:00 overlap")));
  write("a.toml", "[week]\nfri = \"09:00-12:00\"\n[days]\n2026-02-30 = \"closed\"\n");
  EXPECT_THAT(flaws("a"), ElementsAre(HasSubstr("'2026-02-30' is no date")));
  write("a.toml", "wek = {}\n");
  EXPECT_THAT(flaws("a"), Contains(HasSubstr("did you mean 'week'")));
  write("a.toml", "holidays = [\"gone.toml\"]\n[week]\nfri = \"09:00-12:00\"\n");
  EXPECT_THAT(flaws("a"), ElementsAre(HasSubstr("gone.toml: cannot be read")));
  write("a.toml", "holidays = [\"t.toml\"]\n[week]\nfri = \"09:00-12:00\"\n");
  write("t.toml", "source = \"x\"\nvalid_to = \"2026-12-31\"\n[days]\n2027-01-01 = \"New Year\"\n");
  EXPECT_THAT(flaws("a"), ElementsAre(AllOf(HasSubstr("t.toml:4:1:"), HasSubstr("later than valid_to"))));
}

TEST_F(BookTest, FlawsAndWarningsAreAllToldWithTheirDatesAndPlaces) {
  const std::string file = (scratch / "a.toml").string();
  write("a.toml",
        "[week]\nmon-tue = \"18:00-09:00\"\nfri = \"22:00-06:00\"\nsat = \"05:00-07:00\"\n"
        "[days]\n2026-05-01 = \"20:00-09:30\"\n[breaks]\n2026-05-02 = \"12:00-13:00\"\n"
        "2026-05-09 = \"04:00-05:00\"\n2026-05-08 = \"23:00-22:30\"\n");
  EXPECT_THAT(
      flaws("a"),
      ElementsAre(
          HasSubstr(file + ":2:11: week.mon-tue: warning: mon 18:00-09:00 is open all night: 09:00-18:00 is the other"),
          HasSubstr(file + ":2:11: week.mon-tue: warning: tue 18:00-09:00 is open all night"),
          HasSubstr(file + ":3:7: week.fri: fri 22:00-06:00 and sat 05:00-07:00 overlap"),
          HasSubstr(file + ":6:14: days.2026-05-01: 2026-05-01 20:00-09:30 and 2026-05-02 05:00-07:00 overlap"),
          HasSubstr(file + ":6:14: days.2026-05-01: warning: 2026-05-01 20:00-09:30 is open all night"),
          HasSubstr(file + ":8:14: breaks.2026-05-02: warning: 2026-05-02 12:00-13:00 lies outside"),
          HasSubstr(file + ":10:14: breaks.2026-05-08: warning: 2026-05-08 23:00-22:30 lasts all night")))
      << "the break of the 9th falls into the night from Friday";
  write("a.toml", "[days]\n2026-02-30 = \"closed\"\n2026-02-31 = \"closed\"\n2026-02-01 = \"9-17\"\n");
  EXPECT_THAT(flaws("a"), ElementsAre(HasSubstr(":2:1: days.2026-02-30: '2026-02-30' is no date"),
                                      HasSubstr(":3:1: days.2026-02-31: '2026-02-31' is no date"),
                                      HasSubstr(":4:14: days.2026-02-01: '9' is no time of day")));
  write("a.toml", "holidays = [\"t.toml\"]\n[week]\nmon = \"9-17\"\n");
  write("t.toml", "source = \"x\"\nvalid_to = \"2026-12-31\"\n[days]\n2027-01-01 = \"a\"\n2027-01-02 = \"b\"\n");
  EXPECT_THAT(flaws("a"),
              ElementsAre(HasSubstr("a.toml:3:"), HasSubstr("t.toml:4:1: days.2027-01-01: 2027-01-01 is later than"),
                          HasSubstr("t.toml:5:1: days.2027-01-02: 2027-01-02 is later than")));
}

TEST_F(BookTest, WhatTheConfigurationSaysIsFoundThere) {
  write("both.toml", "[week]\nfri = \"22:00-06:00\"\n[days]\n2026-05-01 = \"18:00-09:00\"\n");
  EXPECT_THAT(flaws("both", "[calendar.hours.both]\nweek = { mon-fri = \"18:00-07:00\" }\n"),
              Contains(HasSubstr("a.toml:4:20: calendar.hours.both.week.mon-fri: warning: fri 18:00-07:00")));
  EXPECT_THAT(flaws("both", "[calendar.hours.both]\nbreaks = { 2026-05-03 = \"10:00-11:00\" }\n"),
              ElementsAre(HasSubstr("both.toml:4:14: days.2026-05-01: warning: 2026-05-01 18:00-09:00"),
                          HasSubstr("a.toml:4:25: calendar.hours.both.breaks.2026-05-03: warning: 2026-05-03")));
  EXPECT_THAT(flaws("never", "[calendar.hours.never]\nzone = \"Asia/Seoul\"\n"),
              ElementsAre(HasSubstr("a.toml:3:1: calendar.hours.never: warning: no weekday has hours")));
}

// Also where others go on with what has flaws: the review of a whole configuration does.
TEST_F(BookTest, WhatIsNoDayOrDateDoesNotEnterACalendar) {
  config::Schema schema;
  schema.add<Section>("calendar");
  std::vector<std::string> found;
  schema.check([&](const config::Config& config, config::Review&) {
    const auto read = read_definition(config.get<Section>("calendar"), "foo");
    found.push_back(read.definition ? "defined" : "not defined");
  });
  for (const char* wrong : {"week = { funday = \"09:00-18:00\" }", "days = { 2026-02-30 = \"closed\" }",
                            "breaks = { 2026-02-30 = \"10:00-11:00\" }"}) {
    const auto loaded =
        schema.load(config::read_texts({{"a.toml", "[calendar]\ndirectory = \"" + scratch.path().string() +
                                                       "\"\n[calendar.hours.foo]\n" + wrong + "\n"}}));
    EXPECT_FALSE(loaded.config) << wrong;
    ASSERT_EQ(loaded.flaws.size(), 1U) << wrong;
    EXPECT_THAT(config::to_text(loaded.flaws.front()), HasSubstr("a.toml:4:")) << wrong;
  }
  EXPECT_EQ(found.size(), 3U);
}

TEST_F(BookTest, AnUnknownNameNamesTheKnown) {
  write("office.toml", "[week]\nmon = \"09:00-17:00\"\n");
  try {
    Book(section()).get("ofice");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    EXPECT_THAT(error.what(), HasSubstr("there is no calendar 'ofice': did you mean 'office'?"));
  }
}

Section shipped() {
  Section out;
  out.directory = SUPPORTD_SOURCE "/etc/calendars";
  return out;
}

TEST(ShippedCalendars, AreAllSound) {
  const Book book(shipped());
  EXPECT_THAT(book.names(),
              ElementsAre("always", "br-business", "de-business", "jp-business", "kr-business", "us-business"));
  for (const auto& name : book.names()) EXPECT_THAT(read_definition(shipped(), name).flaws, IsEmpty()) << name;
  EXPECT_EQ(book.get("always")->between(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")),
            std::chrono::days{365});
}

TEST(ShippedCalendars, KoreaIsOpenAndClosedAsItsFileDecides) {
  const auto kr = Book(shipped()).get("kr-business");
  const auto open = [&](const char* date) { return !kr->periods_on(parse_day(date).value()).empty(); };
  for (const char* date :
       {"2024-10-01", "2025-01-27", "2026-02-16", "2026-02-18", "2026-05-01", "2026-06-03", "2026-08-17"}) {
    EXPECT_FALSE(open(date)) << date;
  }
  for (const char* date : {"2026-02-13", "2026-02-19", "2027-07-19"}) EXPECT_TRUE(open(date)) << date;
}

TEST(ShippedCalendars, KnowTheDaysOfTheVectors) {
  const std::string file = SUPPORTD_SHARED "/vectors/kr-holidays-2024-2030.json";
  SUPPORTD_NEED_SHARED(file);
  const Book book(shipped());
  const auto read = [](const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return json::Document::parse(text.str());
  };
  const auto korea = read(file);
  for (const json::View& it : korea.root().at("days").items()) {
    const std::string verdict = it.at("verdict").string();
    if (verdict == "disputed") continue;
    const bool is_holiday = verdict == "agreed" || verdict == "holiday";
    const auto& holidays = book.get("kr-business")->definition().holidays;
    EXPECT_EQ(holidays.contains(parse_day(it.at("date").string()).value()), is_holiday) << it.dump();
  }
  const auto others = read(SUPPORTD_SHARED "/vectors/holidays-us-br-de-jp-2024-2030.json");
  for (const auto& [region, name] : {std::pair{"US", "us"}, {"BR", "br"}, {"DE", "de"}, {"JP", "jp"}}) {
    const auto& holidays = book.get(std::string(name) + "-business")->definition().holidays;
    const auto agreed = others.root().at("regions").at(region).at("agreed").items();
    EXPECT_EQ(holidays.size(), agreed.size()) << region;
    for (const json::View& it : agreed) EXPECT_TRUE(holidays.contains(parse_day(it.at("date").string()).value()));
  }
}

}  // namespace
}  // namespace supportd::calendar
