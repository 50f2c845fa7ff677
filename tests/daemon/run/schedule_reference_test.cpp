// Random schedules against a reference that knows nothing of masks or stretches: it walks minute by minute, asks a
// predicate, and applies Vixie cron's rules to what the wall clock did since the minute before.
#include <gtest/gtest.h>

#include <functional>
#include <random>

#include "daemon/run/schedule.hpp"

namespace supportd::run {
namespace {

using namespace std::chrono_literals;
using LocalMinutes = date::local_time<std::chrono::minutes>;
using Dice = std::mt19937;

int roll(Dice& dice, int low, int high) { return std::uniform_int_distribution<int>(low, high)(dice); }

struct Civil {
  int minute, hour, day, month, weekday, length;
};

Civil civil(LocalMinutes at) {
  const auto day = date::floor<date::days>(at);
  const date::year_month_day ymd{day};
  const auto minutes = static_cast<int>((at - day).count());
  const auto last = date::year_month_day_last(ymd.year(), date::month_day_last(ymd.month())).day();
  return {minutes % 60,
          minutes / 60,
          static_cast<int>(static_cast<unsigned>(ymd.day())),
          static_cast<int>(static_cast<unsigned>(ymd.month())),
          static_cast<int>(date::weekday(day).c_encoding()),
          static_cast<int>(static_cast<unsigned>(last))};
}

// A field as text, and what it means.
struct Field {
  std::string text;
  std::function<bool(const Civil&)> matches;
  bool any = false;
};

using Part = int Civil::*;

Field number_field(Dice& dice, Part part, int low, int high) {
  const int a = roll(dice, low, high), b = roll(dice, low, high), step = roll(dice, 2, 9);
  const auto number = [](int n) { return std::to_string(n); };
  switch (roll(dice, 0, 6)) {
    case 0:
    case 1: return {"*", [](const Civil&) { return true; }, true};
    case 2: return {"*/" + number(step), [=](const Civil& c) { return (c.*part - low) % step == 0; }};
    case 3:
      return {number(a) + "-" + number(b),
              [=](const Civil& c) { return a <= b ? c.*part >= a && c.*part <= b : c.*part >= a || c.*part <= b; }};
    case 4:
      return {number(a) + "/" + number(step),
              [=](const Civil& c) { return c.*part >= a && (c.*part - a) % step == 0; }};
    case 5: return {number(a) + "," + number(b), [=](const Civil& c) { return c.*part == a || c.*part == b; }};
    default: return {number(a), [=](const Civil& c) { return c.*part == a; }};
  }
}

bool workday(int weekday) { return weekday >= 1 && weekday <= 5; }
int weekday_of(const Civil& c, int day) { return ((c.weekday + day - c.day) % 7 + 7) % 7; }

// Tries the days at growing distance, the earlier of two first.
int nearest_workday(const Civil& c, int wanted) {
  if (wanted > c.length) return 0;
  for (int away = 0;; ++away) {
    for (const int day : {wanted - away, wanted + away}) {
      if (day >= 1 && day <= c.length && workday(weekday_of(c, day))) return day;
    }
  }
}

Field day_field(Dice& dice) {
  const int n = roll(dice, 1, 9), day = roll(dice, 1, 28);
  switch (roll(dice, 0, 11)) {
    case 0: return {"L", [](const Civil& c) { return c.day == c.length; }};
    case 1: return {"L-" + std::to_string(n), [=](const Civil& c) { return c.day == c.length - n; }};
    case 2: return {std::to_string(day) + "w", [=](const Civil& c) { return c.day == nearest_workday(c, day); }};
    case 3:
      return {"LW", [](const Civil& c) {
                int last = c.length;
                while (!workday(weekday_of(c, last))) --last;
                return c.day == last;
              }};
    default: return number_field(dice, &Civil::day, 1, 28);
  }
}

Field weekday_field(Dice& dice) {
  static const char* const names[] = {"SUN", "MON", "TUE", "wed", "Thu", "FRI", "SAT"};
  const int a = roll(dice, 0, 6), b = roll(dice, 0, 6), n = roll(dice, 1, 4);
  switch (roll(dice, 0, 7)) {
    case 0:
      return {names[a] + std::string("L"), [=](const Civil& c) { return c.weekday == a && c.day + 7 > c.length; }};
    case 1:
      return {std::to_string(a) + "#" + std::to_string(n),
              [=](const Civil& c) { return c.weekday == a && c.day > 7 * (n - 1) && c.day <= 7 * n; }};
    case 2:
      return {std::string(names[a]) + "-" + names[b], [=](const Civil& c) {
                return a <= b ? c.weekday >= a && c.weekday <= b : c.weekday >= a || c.weekday <= b;
              }};
    case 3: return {std::to_string(a), [=](const Civil& c) { return c.weekday == a; }};
    case 4: return {"7", [](const Civil& c) { return c.weekday == 0; }};
    default: return {roll(dice, 0, 1) == 0 ? "?" : "*", [](const Civil&) { return true; }, true};
  }
}

struct Case {
  std::string text;
  std::function<bool(LocalMinutes)> matches;
  bool real_time;
};

Case random_case(Dice& dice) {
  // Clocks are mostly changed in the first hours of a day.
  const Field minute = number_field(dice, &Civil::minute, 0, 59);
  const Field hour = number_field(dice, &Civil::hour, 0, roll(dice, 0, 2) == 0 ? 23 : 4);
  const Field day = roll(dice, 0, 1) == 0 ? Field{"*", [](const Civil&) { return true; }, true} : day_field(dice);
  const bool some_months = roll(dice, 0, 3) == 0;
  const Field month =
      some_months ? number_field(dice, &Civil::month, 1, 12) : Field{"*", [](const Civil&) { return true; }, true};
  const Field weekday = weekday_field(dice);
  const bool both = !weekday.any && roll(dice, 0, 3) == 0;
  const bool either = !day.any && !weekday.any && !both;
  const auto matches = [=](LocalMinutes at) {
    const Civil c = civil(at);
    const bool day_matches = either ? day.matches(c) || weekday.matches(c) : day.matches(c) && weekday.matches(c);
    return minute.matches(c) && hour.matches(c) && month.matches(c) && day_matches;
  };
  return {minute.text + ' ' + hour.text + ' ' + day.text + ' ' + month.text + ' ' + (both ? "+" : "") + weekday.text,
          matches, minute.text[0] == '*' || hour.text[0] == '*'};
}

// Every run in (from, until].
std::vector<Instant> reference(const Case& c, const time::Zone& zone, Instant from, Instant until) {
  std::vector<Instant> runs;
  const Instant start = from - 48h;
  LocalMinutes previous = date::floor<std::chrono::minutes>(zone.local(start)), furthest = previous;
  for (Instant at = start + 1min; at <= until; at += 1min) {
    const LocalMinutes now = date::floor<std::chrono::minutes>(zone.local(at));
    bool run = c.matches(now) && (c.real_time || now > furthest);
    if (!c.real_time && now - previous <= 181min) {
      for (LocalMinutes skipped = previous + 1min; skipped < now; skipped += 1min) run = run || c.matches(skipped);
    }
    if (run && at > from) runs.push_back(at);
    previous = now;
    furthest = std::max(furthest, now);
  }
  return runs;
}

// An instant within two days of a change of the zone's clock, when the zone has one.
Instant near_a_change(Dice& dice, const time::Zone& zone) {
  const auto year = date::year{roll(dice, 1975, 2036)};
  const auto somewhere = date::sys_days{year / roll(dice, 1, 12) / 1} + std::chrono::hours{0};
  const auto info = zone.tz().get_info(somewhere);
  const bool changes = info.end < date::sys_days{date::year{2037} / 1 / 1};
  const auto around =
      changes ? std::chrono::sys_seconds{info.end.time_since_epoch()} : std::chrono::sys_seconds{somewhere};
  return std::chrono::floor<std::chrono::minutes>(around) - std::chrono::minutes{roll(dice, 0, 2 * 24 * 60)};
}

TEST(ScheduleReference, RandomSchedulesAgreeAroundChangesOfTheClock) {
  constexpr int cases = 3000;
  constexpr std::chrono::days window{4};
  const char* const zones[] = {"UTC",
                               "Asia/Seoul",
                               "America/New_York",
                               "Europe/Berlin",
                               "America/Sao_Paulo",
                               "Australia/Lord_Howe",
                               "Africa/Casablanca",
                               "Asia/Kathmandu",
                               "America/St_Johns",
                               "Antarctica/Troll",
                               "Pacific/Apia",
                               "Asia/Gaza",
                               "Pacific/Kwajalein",
                               "Africa/Cairo",
                               "America/Havana"};
  Dice dice(20'261'121);
  int compared = 0;
  for (int i = 0; i < cases; ++i) {
    const auto zone = time::Zone::find(zones[roll(dice, 0, std::size(zones) - 1)]).value();
    const Case c = random_case(dice);
    const auto schedule = Schedule::parse(c.text, zone);
    if (!schedule) {
      ASSERT_NE(schedule.error().what.find("never runs"), std::string::npos) << c.text << ": " << schedule.error().what;
      continue;
    }
    const Instant from = near_a_change(dice, zone), until = from + window;
    std::vector<Instant> found;
    for (auto slot = schedule->next(from); slot && slot->at <= until; slot = schedule->next(slot->at)) {
      found.push_back(slot->at);
    }
    const auto expected = reference(c, zone, from, until);
    ASSERT_EQ(found, expected) << '`' << c.text << "` " << zone.name() << " from " << time::to_text(from);
    compared += !expected.empty();
  }
  EXPECT_GT(compared, cases / 3) << "most windows hold runs, or nothing was tested";
}

}  // namespace
}  // namespace supportd::run
