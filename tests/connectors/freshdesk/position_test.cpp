#include "connectors/freshdesk/position.hpp"

#include <gtest/gtest.h>

#include "tests/connectors/scripted.hpp"

namespace supportd::connectors::freshdesk {
namespace {

Instant at(const char* time) { return time::parse_instant(std::string("2026-11-21T") + time + "Z").value(); }
ListedRow row(const char* key, const char* time, const char* hash = "h") { return {key, hash, at(time)}; }

TEST(Walk, AShortPageEndsAtItsLastRow) {
  Walk walk({at("09:00:00"), {}});
  walk.add_page({row("1", "09:00:01"), row("2", "09:00:05")}, false, at("09:01:00"));
  EXPECT_FALSE(walk.needs_next_page());
  EXPECT_FALSE(walk.more());
  EXPECT_EQ(walk.end(), (Position{at("09:00:05"), {{"2", "h"}}}));
}

TEST(Walk, AnEmptyPageMovesNothing) {
  const Position from{at("09:00:00"), {{"7", "h"}}};
  Walk walk(from);
  walk.add_page({}, false, at("09:01:00"));
  EXPECT_EQ(walk.end(), from);
}

TEST(Walk, YoungRowsAreReadAgain) {
  Walk walk({at("09:00:00"), {}});
  walk.add_page({row("1", "09:00:01"), row("2", "09:00:09"), row("3", "09:00:10")}, false, at("09:00:10"));
  EXPECT_EQ(walk.end(), (Position{at("09:00:08"), {{"2", "h"}, {"3", "h"}}}));
  Walk no_date({at("09:00:00"), {}});
  no_date.add_page({row("1", "09:00:10")}, false, {});
  EXPECT_EQ(no_date.end().since, at("09:00:08"));
}

TEST(Walk, NeverGoesBack) {
  Walk walk({at("09:00:00"), {}});
  walk.add_page({row("1", "09:00:00")}, false, at("08:00:00"));
  EXPECT_EQ(walk.end().since, at("09:00:00"));
}

TEST(Walk, AWholePageWithProgressIsFollowedByPageOne) {
  Walk walk({at("09:00:00"), {}});
  walk.add_page({row("1", "09:00:00"), row("2", "09:00:03")}, true, at("10:00:00"));
  EXPECT_FALSE(walk.needs_next_page());
  EXPECT_TRUE(walk.more());
  EXPECT_EQ(walk.end(), (Position{at("09:00:03"), {{"2", "h"}}}));
}

TEST(Walk, ASecondOfSeveralPagesIsLeftOnlyWhenNothingInItIsNew) {
  Walk first({at("09:00:00"), {}});
  first.add_page({row("1", "09:00:00"), row("2", "09:00:00")}, true, at("10:00:00"));
  EXPECT_TRUE(first.needs_next_page());
  first.add_page({row("4", "09:00:00"), row("5", "09:00:07")}, true, at("10:00:00"));
  EXPECT_FALSE(first.needs_next_page());
  EXPECT_TRUE(first.more());
  const Position again = first.end();
  EXPECT_EQ(again, (Position{at("09:00:00"), {{"1", "h"}, {"2", "h"}, {"4", "h"}, {"5", "h"}}}));

  // Ticket 1 was updated meanwhile, so that ticket 3 had slipped to the first page unseen.
  Walk second(again);
  second.add_page({row("2", "09:00:00"), row("3", "09:00:00")}, true, at("10:00:00"));
  EXPECT_TRUE(second.is_new(row("3", "09:00:00")));
  second.add_page({row("4", "09:00:00"), row("5", "09:00:07")}, true, at("10:00:00"));
  EXPECT_EQ(second.end().since, at("09:00:00"));

  Walk third(second.end());
  third.add_page({row("2", "09:00:00"), row("3", "09:00:00")}, true, at("10:00:00"));
  third.add_page({row("4", "09:00:00"), row("5", "09:00:07")}, true, at("10:00:00"));
  EXPECT_EQ(third.end(), (Position{at("09:00:07"), {{"5", "h"}}}));
}

TEST(Walk, AChangedRowIsNewAgain) {
  Walk walk({at("09:00:00"), {{"1", "h"}}});
  EXPECT_FALSE(walk.is_new(row("1", "09:00:00", "h")));
  EXPECT_TRUE(walk.is_new(row("1", "09:00:00", "other")));
}

TEST(Cursor, IsTextAndBack) {
  const Cursor cursor{{at("09:00:00"), {{"7", "abc"}}}, {at("08:00:00"), {}}, {at("07:00:00"), {}}, true};
  const Cursor back = parse_cursor(to_text(cursor), Instant{});
  EXPECT_EQ(back.live, cursor.live);
  EXPECT_EQ(back.deleted, cursor.deleted);
  EXPECT_EQ(back.spam, cursor.spam);
  EXPECT_TRUE(back.spam_is_next);
  EXPECT_EQ(parse_cursor("", at("09:00:00") + Millis{250}).live.since, at("09:00:00"));
  for (const char* text : {"x", "{}", R"({"v":2})", R"({"v":1,"live":{"since":"now"}})"}) {
    EXPECT_EQ(tests::thrown_by([&] { parse_cursor(text, {}); }).first, ErrorKind::corrupt) << text;
  }
}

}  // namespace
}  // namespace supportd::connectors::freshdesk
