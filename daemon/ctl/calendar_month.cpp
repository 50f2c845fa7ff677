#include "daemon/ctl/calendar_month.hpp"

#include <ostream>

#include "daemon/ctl/terminal.hpp"

namespace supportd::ctl {
namespace {

using calendar::Calendar;
using calendar::Day;

std::string clock_text(const Calendar& it, Instant at) { return date::format("%H:%M", it.definition().zone.local(at)); }

std::string padded(std::string text, std::size_t columns) {
  const std::size_t has = width(text);
  return has < columns ? std::string(columns - has, ' ') + text : text;
}

}  // namespace

std::string periods_text(const Calendar& it, Day day) {
  std::string out;
  for (const auto& period : it.periods_on(day)) {
    const bool to_midnight =
        calendar::day_of(it.definition().zone, period.end) > day && clock_text(it, period.end) == "00:00";
    out += (out.empty() ? "" : ", ") + clock_text(it, period.begin) + "-" +
           (to_midnight ? "24:00" : clock_text(it, period.end));
  }
  return out.empty() ? "closed" : out;
}

Millis open_on(const Calendar& it, Day day) {
  Millis out{0};
  for (const auto& period : it.periods_on(day)) out += period.end - period.begin;
  return out;
}

// Why that date is not as its weekday is; empty when it is.
std::string remark_on(const calendar::Definition& it, Day day) {
  const auto holiday = it.holidays.find(day);
  if (it.days.contains(day))
    return "named in days" + (holiday == it.holidays.end() ? "" : ", though " + holiday->second.name);
  if (holiday != it.holidays.end()) return holiday->second.name;
  if (const auto breaks = it.breaks.find(day); breaks != it.breaks.end())
    return "break " + calendar::to_text(breaks->second);
  return {};
}

std::string holidays_end(Day until) { return "its holidays are known until " + calendar::to_text(until) + " only"; }

void draw_month(Context& c, const Calendar& it, date::year_month month) {
  constexpr std::size_t cell_width = 8;
  const Day first(month / 1), last(date::year_month_day_last(month.year(), date::month_day_last(month.month())));
  const date::days before = date::weekday(first) - date::Monday;
  c.out << toned(it.definition().name + ", " + it.definition().zone.name() + ", " + date::format("%B %Y", first),
                 Tone::plain, c.colour)
        << "\n\n";
  for (const char* name : {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"})
    c.out << toned(padded(name, cell_width), Tone::faint, c.colour);
  c.out << '\n';
  std::vector<std::string> remarks;
  for (Day week = first - before; week <= last; week += date::days{7}) {
    std::string numbers, lengths;
    for (Day day = week; day < week + date::days{7}; day += date::days{1}) {
      const bool inside = day >= first && day <= last;
      const Millis open = inside ? open_on(it, day) : Millis{0};
      const std::string remark = inside ? remark_on(it.definition(), day) : "";
      numbers += toned(padded(inside ? date::format("%e", day) + (remark.empty() ? "" : "*") : "", cell_width),
                       open == Millis{0} ? Tone::faint : Tone::plain, c.colour);
      lengths += toned(padded(!inside             ? ""
                              : open == Millis{0} ? "-"
                                                  : time::to_text(open),
                              cell_width),
                       open == Millis{0} ? Tone::faint : Tone::good, c.colour);
      if (!remark.empty()) remarks.push_back(date::format("%F %a  ", day) + periods_text(it, day) + "  " + remark);
    }
    c.out << numbers << '\n' << lengths << '\n';
  }
  if (!remarks.empty()) c.out << '\n';
  for (const auto& remark : remarks) c.out << toned(remark, Tone::plain, false) << '\n';
  if (const auto until = it.definition().valid_to; until && *until < last) {
    c.out << '\n' << toned(holidays_end(*until), Tone::warning, c.colour) << '\n';
  }
}

std::string week_text(const calendar::Definition& it) {
  std::string out;
  for (unsigned i = 1; i <= 7;) {
    const auto& hours = it.week[i % 7];
    unsigned last = i;
    while (last < 7 && it.week[(last + 1) % 7] == hours) ++last;
    if (!hours.spans.empty()) {
      out += (out.empty() ? "" : "; ") + std::string(calendar::weekday_name(i));
      if (last > i) out += "-" + std::string(calendar::weekday_name(last));
      out += " " + calendar::to_text(hours);
    }
    i = last + 1;
  }
  return out;
}

}  // namespace supportd::ctl
