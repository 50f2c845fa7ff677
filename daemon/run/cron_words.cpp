#include "daemon/run/cron_words.hpp"

#include <bit>
#include <cstdio>

#include "daemon/run/cron_units.hpp"

namespace supportd::run {
namespace {

constexpr std::array<std::string_view, 7> weekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                   "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> months{"January",   "February", "March",    "April",
                                                  "May",       "June",     "July",     "August",
                                                  "September", "October",  "November", "December"};
constexpr std::array<std::string_view, 6> ordinals{"", "first", "second", "third", "fourth", "fifth"};
// More times of day than this are described, not listed.
constexpr int most_listed_times = 6;

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i != 0) text += i + 1 == parts.size() ? " and " : ", ";
    text += parts[i];
  }
  return text;
}

std::string named(CronUnit unit, int value) {
  if (unit == CronUnit::day_of_week) return std::string(weekdays[static_cast<std::size_t>(value % 7)]);
  if (unit == CronUnit::month) return std::string(months[static_cast<std::size_t>(value - 1)]);
  return std::to_string(value);
}

std::string ordinal(int n) {
  const bool teen = n / 10 % 10 == 1;
  return std::to_string(n) + (teen ? "th" : n % 10 == 1 ? "st" : n % 10 == 2 ? "nd" : n % 10 == 3 ? "rd" : "th");
}

std::string item_words(const CronItem& item, CronUnit unit) {
  switch (item.kind) {
    case CronItem::Kind::last_day:
      if (item.n == 0) return "the last day of the month";
      return std::to_string(item.n) + (item.n == 1 ? " day" : " days") + " before the last day of the month";
    case CronItem::Kind::last_workday: return "the last Monday-to-Friday day of the month";
    case CronItem::Kind::nearest_workday: return "the Monday-to-Friday day nearest to day " + std::to_string(item.n);
    case CronItem::Kind::nth_weekday:
      return "the " + std::string(ordinals[static_cast<std::size_t>(item.n)]) + ' ' + named(unit, item.first) +
             " of the month";
    case CronItem::Kind::last_weekday: return "the last " + named(unit, item.first) + " of the month";
    case CronItem::Kind::values: break;
  }
  const std::string every = "every " + ordinal(item.step) + ' ' + std::string(to_text(unit));
  if (item.every) return item.step == 1 ? "every " + std::string(to_text(unit)) : every;
  if (item.first == item.last && !item.open) return named(unit, item.first);
  const std::string range = named(unit, item.first) + " to " + named(unit, item.last);
  return item.step == 1 ? range : every + " from " + range;
}

std::string field_words(const CronField& field, CronUnit unit) {
  std::vector<std::string> parts;
  for (const CronItem& item : field.items) parts.push_back(item_words(item, unit));
  return joined(parts);
}

// A field whose values are worth listing one by one.
bool plain(const CronField& field) {
  for (const CronItem& item : field.items) {
    if (item.every || item.open || item.first != item.last) return false;
  }
  return true;
}

// "*/15" where 15 divides 60: a true cadence.
int cadence(const CronField& field, int size) {
  if (field.items.size() != 1 || !field.items[0].every) return 0;
  return size % field.items[0].step == 0 ? field.items[0].step : 0;
}

std::string count_of(int n, std::string_view unit) {
  if (n == 1) return "every " + std::string(unit);
  return "every " + std::to_string(n) + ' ' + std::string(unit) + 's';
}

std::string clock_time(int hour, int minute, int second, bool with_second) {
  char text[16];
  std::snprintf(text, sizeof text, with_second ? "%02d:%02d:%02d" : "%02d:%02d", hour, minute, second);
  return text;
}

std::vector<std::string> clock_times(const CronExpression& e) {
  const auto hours = bits(e[CronUnit::hour], CronUnit::hour);
  const auto minutes = bits(e[CronUnit::minute], CronUnit::minute);
  const auto seconds = bits(e[CronUnit::second], CronUnit::second);
  std::vector<std::string> times;
  for (int h = 0; h < 24; ++h) {
    for (int m = 0; m < 60; ++m) {
      for (int s = 0; s < 60; ++s) {
        if ((hours >> h & 1) && (minutes >> m & 1) && (seconds >> s & 1)) {
          times.push_back(clock_time(h, m, s, seconds != 1));
        }
      }
    }
  }
  return times;
}

bool few_times(const CronExpression& e) {
  int product = 1;
  for (const CronUnit unit : {CronUnit::second, CronUnit::minute, CronUnit::hour}) {
    if (!plain(e[unit])) return false;
    product *= std::popcount(bits(e[unit], unit));
  }
  return product <= most_listed_times;
}

// "every 15 minutes", "at minute 5": one of the units of a time of day.
std::string part_words(const CronField& field, CronUnit unit, int size) {
  if (const int step = cadence(field, size)) return count_of(step, to_text(unit));
  const std::string name(to_text(unit));
  const bool several = std::popcount(bits(field, unit)) > 1;
  if (field.items[0].step > 1 || field.items[0].every) return "at " + field_words(field, unit);
  return "at " + name + (several ? "s " : " ") + field_words(field, unit);
}

std::string time_words(const CronExpression& e) {
  if (few_times(e)) return "at " + joined(clock_times(e));
  const CronField &seconds = e[CronUnit::second], &minutes = e[CronUnit::minute], &hours = e[CronUnit::hour];
  std::string text;
  if (bits(seconds, CronUnit::second) != 1) text = part_words(seconds, CronUnit::second, 60);
  const bool every_minute = minutes.unrestricted();
  if (text.empty() || !every_minute) {
    text.append(text.empty() ? "" : " ").append(part_words(minutes, CronUnit::minute, 60));
  }
  if (hours.unrestricted()) return cadence(minutes, 60) != 0 ? text : text + " of every hour";
  if (const int step = cadence(hours, 24)) return text + " of every " + ordinal(step) + " hour";
  const bool several = std::popcount(bits(hours, CronUnit::hour)) > 1;
  const bool stepped = hours.items[0].step > 1;
  return text + (stepped ? " of " : several ? " of hours " : " of hour ") + field_words(hours, CronUnit::hour);
}

std::string date_words(const CronField& field) {
  const CronItem& item = field.items[0];
  const std::string words = field_words(field, CronUnit::day_of_month);
  if (item.kind != CronItem::Kind::values || item.step > 1) return words;
  const bool several = std::popcount(bits(field, CronUnit::day_of_month)) > 1;
  return (several ? "days " : "day ") + words + " of the month";
}

std::string day_words(const CronExpression& e) {
  const CronField &dates = e[CronUnit::day_of_month], &days = e[CronUnit::day_of_week];
  const std::string weekday = field_words(days, CronUnit::day_of_week);
  if (dates.unrestricted() && days.unrestricted()) return {};
  if (dates.unrestricted()) return " on " + weekday;
  if (days.unrestricted()) return " on " + date_words(dates);
  return " on " + date_words(dates) + (days.required ? ", if it is " : " or on ") + weekday;
}

}  // namespace

std::string in_words(const CronExpression& expression) {
  std::string text = time_words(expression) + day_words(expression);
  const CronField& month = expression[CronUnit::month];
  if (!month.unrestricted()) text += ", in " + field_words(month, CronUnit::month);
  return text;
}

}  // namespace supportd::run
