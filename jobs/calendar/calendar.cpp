#include "jobs/calendar/calendar.hpp"

#include <algorithm>

namespace supportd::calendar {
namespace {

using std::chrono::seconds;

constexpr Instant table_begin = date::sys_days(date::year{1990} / 1 / 1);
constexpr Instant table_end = date::sys_days(date::year{2038} / 1 / 1);
constexpr std::int64_t millis_a_day = 86'400'000;
constexpr seconds a_day = std::chrono::days{1};

// The dates on which something else may hold than the week, in order: each date that is named, and both beside it,
// for what lasts over midnight.
std::vector<Day> special_dates(const Definition& it) {
  std::vector<Day> out;
  const auto add = [&](const auto& named) {
    for (const auto& [day, unused] : named) out.insert(out.end(), {day - date::days{1}, day, day + date::days{1}});
  };
  add(it.holidays);
  add(it.days);
  add(it.breaks);
  std::ranges::sort(out);
  const auto rest = std::ranges::unique(out);
  out.erase(rest.begin(), rest.end());
  return out;
}

std::string range_text() {
  return "business time is known from " + time::to_text(table_begin) + " to " + time::to_text(table_end);
}

}  // namespace

Calendar::Calendar(Definition definition) : definition_(std::move(definition)) {
  // A day around both ends, whatever the zone.
  const Day first = date::floor<date::days>(date::local_time<Millis>(table_begin.time_since_epoch())) - date::days{1};
  const Day last = date::floor<date::days>(date::local_time<Millis>(table_end.time_since_epoch())) + date::days{1};
  const std::vector<Day> special = special_dates(definition_);
  auto next_special = std::ranges::lower_bound(special, first);
  Offsets offsets(definition_.zone, table_begin - std::chrono::days{2});
  const std::int64_t length = (table_end - table_begin).count();
  std::int64_t total = 0;
  const auto add = [&](Instant begin_at, Instant end_at) {
    std::int64_t begin = std::max<std::int64_t>((begin_at - table_begin).count(), 0);
    const std::int64_t end = std::min((end_at - table_begin).count(), length);
    // After a gap of the clocks a span may end later than the next begins.
    if (!begins_.empty()) begin = std::max(begin, begins_.back() + total - before_.back());
    if (begin >= end) return;
    if (!begins_.empty() && begin == begins_.back() + total - before_.back()) {
      total += end - begin;
      return;
    }
    begins_.push_back(begin);
    before_.push_back(total);
    total += end - begin;
  };
  first_day_ = first;
  const auto days = static_cast<std::size_t>((last - first).count()) + 1;
  business_upto_.reserve(days);
  closes_.reserve(days);
  std::size_t most = 2;  // the end's
  for (unsigned of_week = 0; of_week < 7; ++of_week) most += (days / 7 + 1) * definition_.week[of_week].spans.size();
  begins_.reserve(most);
  before_.reserve(most);
  unsigned weekday = date::weekday(first).c_encoding();
  for (Day day = first; day <= last; day += date::days{1}, weekday = (weekday + 1) % 7) {
    const bool is_special = next_special != special.end() && *next_special == day;
    if (is_special) ++next_special;
    const std::vector<Span> own = is_special ? open_on(definition_, day) : std::vector<Span>{};
    const std::vector<Span>& open = is_special ? own : definition_.week[weekday].spans;
    const date::local_seconds midnight(day);
    if (!open.empty() && !offsets.skip(day)) {
      Instant close = Instant::min();
      for (const Span& span : open) {
        const Instant begin = offsets.to_utc(midnight + span.begin), end = offsets.to_utc(midnight + span.end);
        add(begin, end);
        if (std::max(begin, close) < end) close = end;
      }
      if (close > Instant::min()) closes_.push_back((close - table_begin).count());
    }
    business_upto_.push_back(static_cast<std::uint32_t>(closes_.size()));
  }
  begins_.push_back(length);
  before_.push_back(total);

  first_of_.resize(static_cast<std::size_t>(length / millis_a_day) + 1);
  std::size_t period = 0;
  for (std::size_t day = 0; day < first_of_.size(); ++day) {
    const std::int64_t midnight = static_cast<std::int64_t>(day) * millis_a_day;
    while (period + 1 < begins_.size() && end_of(period) <= midnight) ++period;
    first_of_[day] = static_cast<std::uint32_t>(period);
  }
  step_ = std::max<std::int64_t>(total / static_cast<std::int64_t>(begins_.size()), 1);
  at_total_.resize(static_cast<std::size_t>(total / step_) + 1);
  period = 0;
  for (std::size_t step = 0; step < at_total_.size(); ++step) {
    const std::int64_t passed = static_cast<std::int64_t>(step) * step_;
    while (period + 1 < begins_.size() && before_[period + 1] <= passed) ++period;
    at_total_[step] = static_cast<std::uint32_t>(period);
  }
}

std::int64_t Calendar::millis_since_start(Instant at) const {
  if (at < table_begin || at >= table_end) {
    throw Error(ErrorKind::refused, "out_of_range", time::to_text(at) + ": " + range_text(), {});
  }
  return (at - table_begin).count();
}

std::size_t Calendar::period_after(std::int64_t at) const {
  std::size_t period = first_of_[static_cast<std::size_t>(at / millis_a_day)];
  while (period + 1 < begins_.size() && end_of(period) <= at) ++period;
  return period;
}

std::int64_t Calendar::passed(std::int64_t at) const {
  const std::size_t period = period_after(at);
  return before_[period] + std::max<std::int64_t>(at - begins_[period], 0);
}

Instant Calendar::end() { return table_end; }

bool Calendar::open_at(Instant at) const {
  const std::int64_t since = millis_since_start(at);
  return begins_[period_after(since)] <= since;
}

Millis Calendar::between(Instant from, Instant to) const {
  if (to <= from) return Millis{0};
  return Millis{passed(millis_since_start(to)) - passed(millis_since_start(from))};
}

std::optional<Calendar::Reached> Calendar::add(Instant from, Millis length) const {
  const std::int64_t since = millis_since_start(from);
  const std::int64_t before = passed(since);
  if (length.count() >= before_.back() - before) return {};
  const std::int64_t wanted = before + length.count();
  // The period in which the next moment of open time lies.
  std::size_t period = at_total_[static_cast<std::size_t>(wanted / step_)];
  while (before_[period + 1] <= wanted) ++period;
  const std::int64_t latest = std::max(begins_[period] + wanted - before_[period], since);
  std::int64_t earliest = latest;
  if (length == Millis{0}) {
    earliest = since;
  } else if (wanted == before_[period]) {
    earliest = end_of(period - 1);
  }
  return Reached{table_begin + Millis{earliest}, table_begin + Millis{latest}};
}

std::optional<Instant> Calendar::next_open(Instant at) const {
  const std::int64_t since = millis_since_start(at);
  const std::size_t period = period_after(since);
  if (period + 1 == begins_.size()) return {};
  return table_begin + Millis{std::max(begins_[period], since)};
}

Instant Calendar::next_close(Instant at) const {
  const std::int64_t since = millis_since_start(at);
  const std::size_t period = period_after(since);
  return begins_[period] > since ? at : table_begin + Millis{end_of(period)};
}

std::optional<Instant> Calendar::end_of_business_day(Instant from, int n) const {
  millis_since_start(from);
  const auto day = static_cast<std::size_t>((day_of(definition_.zone, from) - first_day_).count());
  const std::size_t wanted = business_upto_[day] + static_cast<std::size_t>(n);
  if (wanted == 0 || wanted > closes_.size()) return {};
  const std::int64_t close = closes_[wanted - 1];
  if (close < 0 || close >= (table_end - table_begin).count()) return {};
  return table_begin + Millis{close};
}

std::vector<Calendar::Period> Calendar::periods_on(Day day) const {
  const date::local_seconds midnight(day);
  millis_since_start(Instant(midnight.time_since_epoch()));
  Offsets offsets(definition_.zone, Instant(midnight.time_since_epoch()) - std::chrono::days{2});
  if (offsets.skip(day)) return {};
  std::vector<Period> out;
  for (const Span& span : open_on(definition_, day)) {
    Instant begin = offsets.to_utc(midnight + span.begin);
    const Instant end = offsets.to_utc(midnight + span.end);
    if (!out.empty()) begin = std::max(begin, out.back().end);
    if (begin < end) out.push_back({begin, end});
  }
  return out;
}

}  // namespace supportd::calendar
