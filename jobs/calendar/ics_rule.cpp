#include "jobs/calendar/ics_rule.hpp"

#include <algorithm>
#include <charconv>

#include "jobs/calendar/ics_lines.hpp"

namespace supportd::calendar {
namespace {

using date::days;

std::string shown(std::string_view text) { return "'" + std::string(text.substr(0, 40)) + "'"; }

Parsed<int> parse_number(std::string_view text, int low, int high) {
  int out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error == std::errc{} && end == text.data() + text.size() && out >= low && out <= high) return out;
  return Mistake{shown(text) + " is no whole number from " + std::to_string(low) + " to " + std::to_string(high)};
}

Parsed<Yearly::Weekday> parse_weekday(std::string_view text) {
  constexpr std::string_view names[] = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};
  if (text.size() >= 3) {
    const auto name = std::ranges::find(names, upper(text.substr(text.size() - 2)));
    std::string_view digits = text.substr(0, text.size() - 2);
    if (digits.starts_with('+')) digits.remove_prefix(1);
    const auto n = parse_number(digits, -5, 5);
    if (name != std::end(names) && n && *n != 0) {
      return Yearly::Weekday{*n, static_cast<unsigned>(name - std::begin(names))};
    }
  }
  return Mistake{"BYDAY: " + shown(text) + " is not one n-th weekday as 4TH or -1MO"};
}

std::optional<Day> in_year(Day start, const Yearly& rule, int year) {
  const date::year y{year};
  const date::year_month_day first(start);
  if (!rule.on) {
    const auto at = y / first.month() / first.day();
    return at.ok() ? std::optional(Day(at)) : std::nullopt;
  }
  const date::weekday weekday{rule.on->weekday};
  if (rule.on->n > 0) {
    const auto at = y / first.month() / weekday[static_cast<unsigned>(rule.on->n)];
    return at.ok() ? std::optional(Day(date::local_days(at))) : std::nullopt;
  }
  const Day day = Day(date::local_days(y / first.month() / weekday[date::last])) + days{7} * (rule.on->n + 1);
  return date::year_month_day(day).month() == first.month() ? std::optional(day) : std::nullopt;
}

}  // namespace

Parsed<Day> parse_ics_date(std::string_view text) {
  if (text.size() == 8) {
    std::string dashed(text);
    dashed.insert(6, "-").insert(4, "-");
    if (auto day = parse_day(dashed)) return day;
  }
  return Mistake{shown(text) + " is no date: expected YYYYMMDD"};
}

Parsed<int> parse_ics_duration(std::string_view text) {
  if (text.size() >= 3 && text.front() == 'P' && (text.back() == 'D' || text.back() == 'W')) {
    const auto count = parse_number(text.substr(1, text.size() - 2), 1, 366);
    if (!count) return count.error();
    return *count * (text.back() == 'W' ? 7 : 1);
  }
  return Mistake{shown(text) + " are no whole days, as P1D or P1W"};
}

Parsed<Yearly> parse_yearly(std::string_view text) {
  Yearly out;
  bool yearly = false;
  for (const auto part : split(text, ';')) {
    const auto equals = part.find('=');
    const std::string name = upper(part.substr(0, equals));
    const std::string_view value = equals == part.npos ? std::string_view() : part.substr(equals + 1);
    const auto number = [&](int high, auto& to) -> std::optional<Mistake> {
      const auto parsed = parse_number(value, 1, high);
      if (!parsed) return Mistake{name + ": " + parsed.error().what};
      to = *parsed;
      return {};
    };
    std::optional<Mistake> mistake;
    if (name == "FREQ") {
      yearly = upper(value) == "YEARLY";
      if (!yearly) mistake = Mistake{"FREQ=" + shown(value) + ": only YEARLY is understood"};
    } else if (name == "INTERVAL") {
      mistake = number(1'000'000'000, out.interval);
    } else if (name == "COUNT") {
      mistake = number(1'000'000'000, out.count);
    } else if (name == "BYMONTH") {
      mistake = number(12, out.month);
    } else if (name == "BYMONTHDAY") {
      mistake = number(31, out.month_day);
    } else if (name == "UNTIL") {
      const auto day = parse_ics_date(value.substr(0, 8));
      if (day) out.until = *day;
      if (!day) mistake = Mistake{"UNTIL: " + day.error().what};
    } else if (name == "BYDAY") {
      const auto on = parse_weekday(value);
      if (on) out.on = *on;
      if (!on) mistake = on.error();
    } else if (name != "WKST") {
      mistake = Mistake{shown(part) + " is not understood: write the days one by one"};
    }
    if (mistake) return *mistake;
  }
  if (!yearly) return Mistake{"FREQ is missing"};
  if (out.count && out.until) return Mistake{"COUNT and UNTIL exclude each other"};
  if (out.on && !out.month) return Mistake{"BYDAY is understood with BYMONTH only"};
  return out;
}

std::vector<Day> repeats(Day start, const Yearly& rule, int last) {
  std::vector<Day> out;
  const int begin = static_cast<int>(date::year_month_day(start).year());
  int left = rule.count.value_or(last - begin + 2) - 1;
  for (std::int64_t year = std::int64_t{begin} + rule.interval; year <= last && left > 0; year += rule.interval) {
    const auto day = in_year(start, rule, static_cast<int>(year));
    if (!day) continue;
    if (rule.until && *day > *rule.until) break;
    out.push_back(*day);
    --left;
  }
  return out;
}

}  // namespace supportd::calendar
