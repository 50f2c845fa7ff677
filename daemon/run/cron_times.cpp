#include "daemon/run/cron_times.hpp"

#include <bit>

namespace supportd::run {
namespace {

constexpr int seconds_a_day = 86'400;
constexpr std::uint32_t one = 1;

// A month, as far as days are concerned.
struct Shape {
  int length;
  int first_weekday;  // Sunday is 0

  int weekday(int day) const { return (first_weekday + day - 1) % 7; }
  bool workday(int day) const { return weekday(day) != 0 && weekday(day) != 6; }
  std::uint32_t all() const { return static_cast<std::uint32_t>((std::uint64_t{1} << length) - 1); }
};

std::uint32_t day_bit(int day) { return one << (day - 1); }

// The nearest Monday to Friday in the same month; none when the month has no such day.
std::uint32_t nearest_workday(int day, const Shape& month) {
  if (day > month.length) return 0;
  if (month.workday(day)) return day_bit(day);
  const bool saturday = month.weekday(day) == 6;
  if (saturday) return day_bit(day > 1 ? day - 1 : day + 2);
  return day_bit(day < month.length ? day + 1 : day - 2);
}

std::uint32_t last_workday(const Shape& month) {
  int day = month.length;
  while (!month.workday(day)) --day;
  return day_bit(day);
}

std::uint32_t days_of_month(const CronField& field, const Shape& month) {
  auto days = static_cast<std::uint32_t>(bits(field, CronUnit::day_of_month) >> 1) & month.all();
  for (const CronItem& item : field.items) {
    switch (item.kind) {
      case CronItem::Kind::last_day: days |= item.n < month.length ? day_bit(month.length - item.n) : 0; break;
      case CronItem::Kind::last_workday: days |= last_workday(month); break;
      case CronItem::Kind::nearest_workday: days |= nearest_workday(item.n, month); break;
      case CronItem::Kind::values:
      case CronItem::Kind::nth_weekday:
      case CronItem::Kind::last_weekday: break;
    }
  }
  return days;
}

std::uint32_t days_of_week(const CronField& field, const Shape& month) {
  const auto weekdays = bits(field, CronUnit::day_of_week);
  std::uint32_t days = 0;
  for (int day = 1; day <= month.length; ++day) {
    bool match = weekdays >> month.weekday(day) & 1;
    for (const CronItem& item : field.items) {
      if (item.first != month.weekday(day)) continue;
      match = match || (item.kind == CronItem::Kind::nth_weekday && (day - 1) / 7 + 1 == item.n) ||
              (item.kind == CronItem::Kind::last_weekday && day + 7 > month.length);
    }
    if (match) days |= day_bit(day);
  }
  return days;
}

std::int64_t floor_day(LocalSeconds at) { return (at >= 0 ? at : at - (seconds_a_day - 1)) / seconds_a_day; }

// The first bit of `set` at or after `from`.
std::optional<int> bit_from(std::uint64_t set, int from) {
  if (from >= 64 || set >> from == 0) return {};
  return from + std::countr_zero(set >> from);
}

}  // namespace

CronTimes::CronTimes(const CronExpression& expression)
    : seconds_(bits(expression[CronUnit::second], CronUnit::second)),
      minutes_(bits(expression[CronUnit::minute], CronUnit::minute)),
      hours_(static_cast<std::uint32_t>(bits(expression[CronUnit::hour], CronUnit::hour))),
      months_(static_cast<std::uint32_t>(bits(expression[CronUnit::month], CronUnit::month))),
      first_time_(std::countr_zero(hours_) * 3600 + std::countr_zero(minutes_) * 60 + std::countr_zero(seconds_)) {
  for (int length = shortest_month; length <= 31; ++length) {
    for (int weekday = 0; weekday < 7; ++weekday) {
      const Shape month{length, weekday};
      const Days by_date = days_of_month(expression[CronUnit::day_of_month], month);
      const Days by_weekday = days_of_week(expression[CronUnit::day_of_week], month);
      days_[length - shortest_month][weekday] = expression.either_day() ? by_date | by_weekday : by_date & by_weekday;
    }
  }
}

bool CronTimes::ever() const {
  // In 400 years every month starts on every day of the week, 29 February included.
  for (unsigned month = 1; month <= 12; ++month) {
    if ((months_ >> month & 1) == 0) continue;
    for (const int year : {2023, 2024}) {
      const date::year_month_day_last last{date::year{year} / month / date::last};
      for (const Days days : days_[static_cast<unsigned>(last.day()) - shortest_month]) {
        if (days != 0) return true;
      }
    }
  }
  return false;
}

std::optional<int> CronTimes::time_of_day(int from) const {
  const int hour = from / 3600, minute = from / 60 % 60, second = from % 60;
  if (hours_ >> hour & 1) {
    if (minutes_ >> minute & 1) {
      if (const auto s = bit_from(seconds_, second)) return hour * 3600 + minute * 60 + *s;
    }
    if (const auto m = bit_from(minutes_, minute + 1)) return hour * 3600 + *m * 60 + std::countr_zero(seconds_);
  }
  const auto h = bit_from(hours_, hour + 1);
  if (!h) return {};
  return *h * 3600 + std::countr_zero(minutes_) * 60 + std::countr_zero(seconds_);
}

std::optional<std::int64_t> CronTimes::day(std::int64_t from, std::int64_t last) const {
  const date::year_month_day start{date::local_days{date::days{static_cast<int>(from)}}};
  date::year_month month{start.year(), start.month()};
  auto first_of_month = from - static_cast<int>(static_cast<unsigned>(start.day())) + 1;
  auto skipped = static_cast<unsigned>(start.day()) - 1;
  while (first_of_month <= last) {
    const auto length = static_cast<int>(static_cast<unsigned>((month / date::last).day()));
    if (months_ >> static_cast<unsigned>(month.month()) & 1) {
      // 1970-01-01 was a Thursday.
      const auto weekday = static_cast<int>(((first_of_month + 4) % 7 + 7) % 7);
      const Days days = days_[length - shortest_month][weekday] >> skipped << skipped;
      if (days != 0) return first_of_month + std::countr_zero(days);
    }
    skipped = 0;
    first_of_month += length;
    month += date::months{1};
  }
  return {};
}

std::optional<LocalSeconds> CronTimes::first(LocalSeconds from, LocalSeconds before) const {
  const auto within = [before](LocalSeconds at) { return at < before ? std::optional(at) : std::nullopt; };
  const std::int64_t today = floor_day(from), last = floor_day(before - 1);
  const auto matching = day(today, last);
  if (!matching) return {};
  if (*matching > today) return within(*matching * seconds_a_day + first_time_);
  if (const auto time = time_of_day(static_cast<int>(from - today * seconds_a_day))) {
    return within(today * seconds_a_day + *time);
  }
  const auto later = day(today + 1, last);
  return later ? within(*later * seconds_a_day + first_time_) : std::nullopt;
}

int CronTimes::count(LocalSeconds from, LocalSeconds before) const {
  int matches = 0;
  for (auto at = first(from, before); at; at = first(*at + 1, before)) ++matches;
  return matches;
}

}  // namespace supportd::run
