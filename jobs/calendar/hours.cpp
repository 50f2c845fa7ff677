#include "jobs/calendar/hours.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace supportd::calendar {
namespace {

using std::chrono::seconds;

constexpr seconds a_day = std::chrono::days{1};

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

Parsed<seconds> parse_time(std::string_view text) {
  constexpr std::array<int, 3> highest{24, 59, 59};
  std::array<int, 3> parts{};
  std::size_t count = 0;
  for (std::string_view rest = text; count < 3;) {
    const std::string_view part = rest.substr(0, rest.find(':'));
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), parts[count]);
    if (error != std::errc{} || end != part.data() + part.size() || part.size() != 2 || parts[count] < 0 ||
        parts[count] > highest[count]) {
      break;
    }
    ++count;
    if (part.size() == rest.size()) {
      rest = {};
      const seconds at = std::chrono::hours{parts[0]} + std::chrono::minutes{parts[1]} + seconds{parts[2]};
      if (count >= 2 && at <= a_day) return at;
      break;
    }
    rest.remove_prefix(part.size() + 1);
  }
  return Mistake{"'" + std::string(text) + "' is no time of day: expected 00:00 to 24:00"};
}

std::string time_text(seconds at) {
  if (at > a_day) at -= a_day;
  const std::chrono::hh_mm_ss split(at);
  const auto two = [](auto n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  std::string out = two(split.hours().count()) + ":" + two(split.minutes().count());
  if (split.seconds().count() != 0) out += ":" + two(split.seconds().count());
  return out;
}

}  // namespace

Parsed<Span> parse_span(std::string_view begin, std::string_view end) {
  const auto from = parse_time(begin);
  if (!from) return from.error();
  auto to = parse_time(end);
  if (!to) return to.error();
  if (*from == *to || *from == a_day) {
    return Mistake{std::string(begin) + "-" + std::string(end) + " is no time at all: 24 hours are 00:00-24:00"};
  }
  return Span{*from, *to > *from ? *to : *to + a_day};
}

Parsed<Hours> hours_of(std::vector<Span> spans) {
  std::ranges::sort(spans, {}, &Span::begin);
  Hours out;
  for (const Span& span : spans) {
    if (!out.spans.empty() && span.begin < out.spans.back().end) {
      return Mistake{to_text(out.spans.back()) + " and " + to_text(span) + " overlap"};
    }
    if (!out.spans.empty() && span.begin == out.spans.back().end) {
      out.spans.back().end = span.end;
    } else {
      out.spans.push_back(span);
    }
  }
  if (!out.spans.empty() && out.spans.back().end > out.spans.front().begin + a_day) {
    return Mistake{to_text(out.spans.back()) + " and the next day's " + to_text(out.spans.front()) + " overlap"};
  }
  return out;
}

Parsed<Hours> parse_hours(std::string_view text) {
  if (trimmed(text) == "closed") return Hours{};
  std::vector<Span> spans;
  for (std::string_view rest = text;;) {
    const auto comma = rest.find(',');
    const std::string_view one = trimmed(rest.substr(0, comma));
    const auto dash = one.find('-');
    if (dash == one.npos) {
      return Mistake{"'" + std::string(one) +
                     "' is no time span: expected \"closed\", \"09:00-18:00\" or several separated by commas"};
    }
    const auto span = parse_span(trimmed(one.substr(0, dash)), trimmed(one.substr(dash + 1)));
    if (!span) return span.error();
    spans.push_back(*span);
    if (comma == rest.npos) break;
    rest.remove_prefix(comma + 1);
  }
  return hours_of(std::move(spans));
}

std::string to_text(const Span& span) { return time_text(span.begin) + "-" + time_text(span.end); }

std::string to_text(const Hours& hours) {
  if (hours.spans.empty()) return "closed";
  std::string out;
  for (const Span& span : hours.spans) out += (out.empty() ? "" : ", ") + to_text(span);
  return out;
}

}  // namespace supportd::calendar
