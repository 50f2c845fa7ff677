#include "daemon/run/cron_lint.hpp"

#include <algorithm>

#include "daemon/run/cron_units.hpp"

namespace supportd::run {
namespace {

std::string quoted(const CronField& field) { return '"' + field.text + '"'; }

std::string listed(std::uint64_t set, CronUnit unit, int start) {
  const CronUnitRule& r = rule(unit);
  std::string text;
  for (int i = 0; i < r.size; ++i) {
    const int value = r.low + (start - r.low + i) % r.size;
    if (set >> value & 1) text.append(text.empty() ? "" : ", ").append(value_text(unit, value));
  }
  return text;
}

void lint_days(const CronExpression& expression, std::vector<std::string>& found) {
  if (!expression.either_day()) return;
  const CronField& dates = expression[CronUnit::day_of_month];
  const CronField& weekdays = expression[CronUnit::day_of_week];
  found.push_back("runs when the day of month matches " + quoted(dates) + " OR the day of week matches " +
                  quoted(weekdays) + "; for both at once write +" + weekdays.text);
  if (dates.leading_star || weekdays.leading_star) {
    found.push_back("Vixie cron and cronie would AND the two day fields here, because " +
                    quoted(dates.leading_star ? dates : weekdays) + " begins with *");
  }
}

void lint_item(const CronField& field, const CronItem& item, CronUnit unit, std::vector<std::string>& found) {
  if (item.kind != CronItem::Kind::values) return;
  const CronUnitRule& r = rule(unit);
  if (item.last < item.first) {
    found.push_back(quoted(field) + " goes round the end: " + listed(bits(item, unit), unit, item.first) +
                    "; Vixie cron accepts it and never runs");
  }
  if (item.open) found.push_back(quoted(field) + " runs on to " + value_text(unit, r.high) + "; Vixie cron refuses it");
  if (item.step > 1 && item.step > item.last - item.first && item.last >= item.first) {
    found.push_back(quoted(field) + " is only " + value_text(unit, item.first) + ": its step is larger than its range");
  } else if (item.every && item.step > 1 && r.size % item.step != 0) {
    found.push_back(quoted(field) + " starts again at " + value_text(unit, r.low) +
                    " each time: the last step, after " +
                    value_text(unit, r.low + (r.size - 1) / item.step * item.step) + ", is shorter than the others");
  }
}

void lint_short_months(const CronExpression& expression, std::vector<std::string>& found) {
  const CronField& dates = expression[CronUnit::day_of_month];
  if (dates.unrestricted() || expression.either_day()) return;
  int earliest = 32;
  for (const CronItem& item : dates.items) {
    if (item.kind != CronItem::Kind::values && item.kind != CronItem::Kind::nearest_workday) return;
    earliest = std::min(earliest, item.last < item.first ? 1 : item.first);
  }
  const auto months = bits(expression[CronUnit::month], CronUnit::month);
  std::uint64_t without = 0;
  for (const int month : {2, 4, 6, 9, 11}) {
    if (earliest > (month == 2 ? 29 : 30)) without |= std::uint64_t{1} << month;
  }
  without &= months;
  if (without != 0) {
    found.push_back("no run in " + listed(without, CronUnit::month, 1) + ", which have no day " +
                    std::to_string(earliest) + "; L is the last day of any month");
  } else if (earliest == 29 && (months >> 2 & 1) != 0) {
    found.push_back("29 FEB comes in leap years only; L is the last day of any month");
  }
}

}  // namespace

std::vector<std::string> lint(const CronExpression& expression) {
  std::vector<std::string> found;
  lint_days(expression, found);
  for (std::size_t i = 0; i < cron_units; ++i) {
    const auto unit = static_cast<CronUnit>(i);
    for (const CronItem& item : expression[unit].items) lint_item(expression[unit], item, unit, found);
  }
  lint_short_months(expression, found);
  if (expression.has_seconds() && !expression.follows_real_time()) {
    found.push_back("a time skipped by daylight saving is not made up for, because of the seconds field");
  }
  return found;
}

}  // namespace supportd::run
