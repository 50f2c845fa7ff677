#include "jobs/calendar/target.hpp"

#include <charconv>

namespace supportd::calendar {
namespace {

constexpr int most_days = 1'000;
constexpr Millis longest = std::chrono::days{36'525};  // a century: far beyond any table, and added without a thought

std::optional<int> days_in(std::string_view text) {
  if (text == "next business day" || text == "1 business day") return 1;
  constexpr std::string_view tail = " business days";
  if (!text.ends_with(tail)) return {};
  text.remove_suffix(tail.size());
  int out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size() || out < 1 || out > most_days) return {};
  return out;
}

}  // namespace

std::string hours_text(Millis length) {
  const auto hours = std::chrono::floor<std::chrono::hours>(length);
  const Millis rest = length - hours;
  if (hours.count() == 0) return time::to_text(rest);
  return std::to_string(hours.count()) + "h" + (rest == Millis{0} ? "" : time::to_text(rest));
}

Parsed<Target> parse_target(std::string_view text) {
  if (const auto days = days_in(text)) return Target{Target::Kind::business_days, Millis{0}, *days};
  constexpr std::string_view elapsed = " elapsed";
  const bool is_elapsed = text.ends_with(elapsed);
  const auto length = time::parse_length(is_elapsed ? text.substr(0, text.size() - elapsed.size()) : text);
  if (!length) {
    return Mistake{"'" + std::string(text) +
                   "' is no target: expected open time (\"4h\"), \"4h elapsed\", \"2 business days\" (at most 1000) or "
                   "\"next business day\""};
  }
  if (*length <= Millis{0}) return Mistake{"a target of no time is missed before it begins"};
  if (*length > longest) return Mistake{"a target is at most " + time::to_text(longest)};
  return Target{is_elapsed ? Target::Kind::elapsed : Target::Kind::open, *length, 0};
}

std::string to_text(const Target& target) {
  switch (target.kind) {
    case Target::Kind::open: return hours_text(target.length);
    case Target::Kind::elapsed: return time::to_text(target.length) + " elapsed";
    case Target::Kind::business_days:
      return target.days == 1 ? "next business day" : std::to_string(target.days) + " business days";
  }
  return {};
}

std::optional<Calendar::Reached> due(const Target& target, const Calendar& calendar, Instant start) {
  switch (target.kind) {
    case Target::Kind::open: return calendar.add(start, target.length);
    case Target::Kind::elapsed: return Calendar::Reached{start + target.length, start + target.length};
    case Target::Kind::business_days: break;
  }
  const auto end = calendar.end_of_business_day(start, target.days);
  if (!end) return {};
  return calendar.add(start, calendar.between(start, *end));
}

}  // namespace supportd::calendar
