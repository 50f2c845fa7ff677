#include "daemon/run/cron_units.hpp"

namespace supportd::run {
namespace {

constexpr std::array<std::string_view, 12> months{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                  "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> weekdays{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

constexpr std::array<CronUnitRule, cron_units> rules{{
    {CronUnit::second, "second", 0, 59, 60, {}, "0-59, as *, 5, 5-10, */5, 5/15 or a list of these"},
    {CronUnit::minute, "minute", 0, 59, 60, {}, "0-59, as *, 5, 5-10, */5, 5/15 or a list of these"},
    {CronUnit::hour, "hour", 0, 23, 24, {}, "0-23, as *, 5, 5-10, 22-2, */5, 5/2 or a list of these"},
    {CronUnit::day_of_month, "day of month", 1, 31, 31, {}, "1-31, as *, ?, 5, 5-10, */5, L, L-2, LW, 15W or a list"},
    {CronUnit::month, "month", 1, 12, 12, months, "1-12 or JAN-DEC, as *, 5, NOV-FEB, */3 or a list of these"},
    {CronUnit::day_of_week, "day of week", 0, 7, 7, weekdays,
     "0-7 or SUN-SAT, as *, ?, MON, MON-FRI, FRI#2, FRIL, a list of these, or +MON for AND"},
}};

}  // namespace

const CronUnitRule& rule(CronUnit unit) { return rules[static_cast<std::size_t>(unit)]; }

std::string_view to_text(CronUnit unit) { return rule(unit).name; }

std::string value_text(CronUnit unit, int value) {
  const auto& names = rule(unit).names;
  if (names.empty()) return std::to_string(value);
  return std::string(names[static_cast<std::size_t>((value - rule(unit).low) % rule(unit).size)]);
}

std::uint64_t bits(const CronItem& item, CronUnit unit) {
  const CronUnitRule& r = rule(unit);
  const int around = item.last < item.first ? r.size : 0;
  std::uint64_t set = 0;
  for (int value = item.first; value <= item.last + around; value += item.step) {
    set |= std::uint64_t{1} << (r.low + (value - r.low) % r.size);
  }
  return set;
}

std::uint64_t bits(const CronField& field, CronUnit unit) {
  std::uint64_t set = 0;
  for (const CronItem& item : field.items) {
    if (item.kind == CronItem::Kind::values) set |= bits(item, unit);
  }
  return set;
}

}  // namespace supportd::run
