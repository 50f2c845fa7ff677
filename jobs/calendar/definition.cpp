#include "jobs/calendar/definition.hpp"

#include <algorithm>
#include <charconv>

namespace supportd::calendar {
namespace {

using std::chrono::seconds;

constexpr seconds a_day = std::chrono::days{1};
constexpr std::array<std::string_view, 7> names{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
const Hours closed;

std::optional<int> number(std::string_view text) {
  int out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size()) return {};
  return out;
}

std::optional<unsigned> weekday(std::string_view name) {
  const auto at = std::ranges::find(names, name);
  if (at == names.end()) return {};
  return static_cast<unsigned>(at - names.begin());
}

// Over midnight and more than half a day: probably the two ends were swapped.
bool seems_inverted(const Span& span) { return span.end > a_day && span.end - span.begin > std::chrono::hours{12}; }

// Of what holds on a weekday or date, `key`, and on the one after it.
void review_night(const std::string& key, const std::string& day, const Hours& hours, const std::string& next_day,
                  const Hours& next, std::vector<Remark>& out) {
  if (hours.spans.empty()) return;
  const Span& last = hours.spans.back();
  if (!next.spans.empty() && last.end > next.spans.front().begin + a_day) {
    out.push_back(
        {key, day + " " + to_text(last) + " and " + next_day + " " + to_text(next.spans.front()) + " overlap"});
  }
  if (seems_inverted(last)) {
    out.push_back({key,
                   day + " " + to_text(last) + " is open all night: " + to_text(Span{last.end - a_day, last.begin}) +
                       " is the other way round",
                   true});
  }
}

void review_nights(const Definition& it, std::vector<Remark>& out) {
  for (unsigned day = 0; day < 7; ++day) {
    const std::string name(names[day]);
    const unsigned next = (day + 1) % 7;
    review_night("week." + name, name, it.week[day], std::string(names[next]), it.week[next], out);
  }
  for (const auto& [day, hours] : it.days) {
    const Day next = day + date::days{1};
    // A night ends at midnight where the next date is one that the definition names.
    const bool goes_on = !it.days.contains(next) && !it.holidays.contains(next);
    if (!goes_on && !hours.spans.empty() && hours.spans.back().end > a_day) {
      out.push_back({"days." + to_text(day),
                     to_text(day) + " " + to_text(hours.spans.back()) + " ends at midnight: " + to_text(next) +
                         (it.days.contains(next) ? " has hours of its own" : " is a holiday"),
                     true});
    }
    review_night("days." + to_text(day), to_text(day), hours, to_text(next), goes_on ? hours_on(it, next) : closed,
                 out);
  }
}

// Whether a break of that date takes anything from what is open: of the date itself, the night before, or the next day.
bool cuts(const Definition& it, Day day, const Span& off) {
  const auto meets = [&](const std::vector<Span>& open, seconds shift) {
    return std::ranges::any_of(
        open, [&](const Span& span) { return off.begin < span.end + shift && span.begin + shift < off.end; });
  };
  const Day before = day - date::days{1}, next = day + date::days{1};
  const bool night_goes_on = !it.days.contains(day) && !it.holidays.contains(day);
  return meets(hours_on(it, day).spans, seconds{0}) || (night_goes_on && meets(hours_on(it, before).spans, -a_day)) ||
         meets(hours_on(it, next).spans, a_day);
}

void review_breaks(const Definition& it, std::vector<Remark>& out) {
  for (const auto& [day, breaks] : it.breaks) {
    const std::string key = "breaks." + to_text(day);
    for (const Span& off : breaks.spans) {
      const std::string what = to_text(day) + " " + to_text(off);
      if (!cuts(it, day, off)) {
        out.push_back({key, what + " lies outside of the day's hours (" + to_text(hours_on(it, day)) + ")", true});
      } else if (seems_inverted(off)) {
        out.push_back(
            {key, what + " lasts all night: " + to_text(Span{off.end - a_day, off.begin}) + " is the other way round",
             true});
      }
    }
  }
}

}  // namespace

Parsed<Day> parse_day(std::string_view text) {
  if (text.size() == 10 && text[4] == '-' && text[7] == '-') {
    const auto year = number(text.substr(0, 4)), month = number(text.substr(5, 2)), day = number(text.substr(8, 2));
    if (year && month && day && *month > 0 && *day > 0) {
      const date::year_month_day date{date::year{*year}, date::month{static_cast<unsigned>(*month)},
                                      date::day{static_cast<unsigned>(*day)}};
      if (date.ok()) return Day(date);
    }
  }
  return Mistake{"'" + std::string(text) + "' is no date: expected YYYY-MM-DD"};
}

std::string to_text(Day day) { return date::format("%F", day); }

const Hours& hours_on(const Definition& it, Day day) {
  if (const auto special = it.days.find(day); special != it.days.end()) return special->second;
  if (it.holidays.contains(day)) return closed;
  return it.week[date::weekday(day).c_encoding()];
}

std::vector<Span> open_on(const Definition& it, Day day) {
  std::vector<Span> out = hours_on(it, day).spans;
  const Day next = day + date::days{1};
  if (it.days.contains(next) || it.holidays.contains(next)) {
    std::erase_if(out, [](const Span& span) { return span.begin >= a_day; });
    for (Span& span : out) span.end = std::min(span.end, a_day);
  }
  const auto take_out = [&](Day of, seconds shift) {
    const auto breaks = it.breaks.find(of);
    if (breaks == it.breaks.end()) return;
    for (const Span& off : breaks->second.spans) {
      std::vector<Span> left;
      for (const Span& span : out) {
        if (const Span before{span.begin, std::min(span.end, off.begin + shift)}; before.begin < before.end)
          left.push_back(before);
        if (const Span after{std::max(span.begin, off.end + shift), span.end}; after.begin < after.end)
          left.push_back(after);
      }
      out = std::move(left);
    }
  };
  take_out(day - date::days{1}, -a_day);
  take_out(day, seconds{0});
  take_out(next, a_day);
  return out;
}

bool ever_opens(const Definition& it) {
  const auto opens = [](const Hours& hours) { return !hours.spans.empty(); };
  return std::ranges::any_of(it.week, opens) ||
         std::ranges::any_of(it.days, [&](const auto& day) { return opens(day.second); });
}

std::vector<Remark> review(const Definition& it) {
  std::vector<Remark> out;
  review_nights(it, out);
  if (!ever_opens(it)) out.push_back({"week", "no weekday has hours: every clock on this calendar stands still", true});
  review_breaks(it, out);
  return out;
}

Parsed<std::vector<unsigned>> parse_weekdays(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = weekday(text.substr(0, dash));
  const auto last = dash == text.npos ? first : weekday(text.substr(dash + 1));
  if (!first || !last) {
    return Mistake{"'" + std::string(text) +
                   "' is no weekday: expected mon, tue, wed, thu, fri, sat, sun or a range as mon-fri"};
  }
  std::vector<unsigned> out{*first};
  while (out.back() != *last) out.push_back((out.back() + 1) % 7);
  return out;
}

std::string_view weekday_name(unsigned weekday) { return names[weekday % 7]; }

Instant start_of(const time::Zone& zone, Day day) {
  const date::local_seconds midnight(day);
  return Offsets(zone, Instant(midnight.time_since_epoch()) - std::chrono::days{2}).to_utc(midnight);
}

Offsets::Offsets(const time::Zone& zone, Instant from)
    : zone_(&zone.tz()), now_(zone_->get_info(date::floor<seconds>(from))), next_(after(now_)) {}

date::sys_info Offsets::after(const date::sys_info& info) const {
  constexpr date::sys_seconds last = date::sys_days(date::year{2100} / 1 / 1);
  return info.end < last ? zone_->get_info(info.end) : info;
}

Instant Offsets::to_utc(date::local_seconds at) {
  while (at.time_since_epoch() >= now_.end.time_since_epoch() + std::max(now_.offset, next_.offset) &&
         next_.begin > now_.begin) {
    now_ = next_;
    next_ = after(now_);
  }
  return date::sys_seconds(at.time_since_epoch() - now_.offset);
}

bool Offsets::skip(Day day) {
  const date::local_seconds midnight(day);
  to_utc(midnight);
  const auto jump = next_.offset - now_.offset;
  return jump >= a_day && midnight.time_since_epoch() >= now_.end.time_since_epoch() + now_.offset &&
         midnight.time_since_epoch() + a_day <= now_.end.time_since_epoch() + next_.offset;
}

}  // namespace supportd::calendar
