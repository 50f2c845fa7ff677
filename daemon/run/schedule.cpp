#include "daemon/run/schedule.hpp"

#include <algorithm>
#include <cctype>

#include "daemon/run/cron_lint.hpp"
#include "daemon/run/cron_words.hpp"

namespace supportd::run {
namespace {

using namespace std::chrono_literals;
using std::chrono::seconds;
using std::chrono::sys_seconds;

// Vixie cron's limit between daylight saving and a correction of the clock.
constexpr seconds longest_saving = 3h;
// No overlap of any zone reaches further back.
constexpr seconds longest_overlap = 25h;
constexpr std::chrono::days a_year{366};
constexpr Millis shortest_period = 1s;
constexpr Millis longest_period = 10 * a_year;
constexpr sys_seconds begin_of_time{date::sys_days{date::year{0} / 1 / 1}.time_since_epoch()};
constexpr sys_seconds end_of_time{date::sys_days{date::year{10'000} / 1 / 1}.time_since_epoch()};

LocalSeconds local(sys_seconds at, seconds offset) { return (at.time_since_epoch() + offset).count(); }

time::Local reading(LocalSeconds at) { return time::Local{seconds{at}}; }

// The offset in force just before a change.
seconds offset_before(const time::Zone& zone, sys_seconds change) { return zone.tz().get_info(change - 1s).offset; }

// What follows "every", if that is the first word.
std::optional<std::string_view> after_every(std::string_view text) {
  constexpr std::string_view every = "every", blanks = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  const bool begins =
      std::ranges::equal(text.substr(0, every.size()), every, {}, [](unsigned char c) { return std::tolower(c); });
  if (!begins) return {};
  text.remove_prefix(every.size());
  const auto rest = std::min(text.find_first_not_of(blanks), text.size());
  if (rest == 0 && !text.empty()) return {};
  return text.substr(rest);
}

Parsed<Millis> parse_period(std::string_view text, std::size_t offset) {
  const auto end = text.find_last_not_of(" \t");
  if (text.empty()) return Mistake{"every what? expected a length, as in every 90s", offset + 1};
  auto period = time::parse_length(text.substr(0, end + 1));
  if (!period) return Mistake{period.error().what, period.error().column + offset};
  if (*period < shortest_period) return Mistake{"a period is at least 1s", offset + 1};
  if (*period > longest_period) return Mistake{"a period is at most " + time::to_text(longest_period), offset + 1};
  return *period;
}

std::optional<Slot> next_multiple(Instant after, Millis period) {
  const auto passed = after.time_since_epoch();
  const auto rest = passed % period;
  const Millis step = rest.count() < 0 ? -rest : period - rest;
  if (after >= end_of_time - step) return {};
  return Slot{after + step, {}, 0};
}

std::string clock_text(time::Local at) {
  const auto shown = date::floor<seconds>(at);
  return date::format(shown.time_since_epoch() % 1min == 0s ? "%H:%M" : "%H:%M:%S", shown);
}

}  // namespace

Parsed<Schedule> Schedule::parse(std::string_view text, time::Zone zone) {
  Schedule schedule(text, zone);
  if (const auto period_text = after_every(text)) {
    const auto period = parse_period(*period_text, static_cast<std::size_t>(period_text->data() - text.data()));
    if (!period) return period.error();
    schedule.period_ = *period;
    return schedule;
  }
  auto expression = CronExpression::parse(text);
  if (!expression) return expression.error();
  const CronTimes times(*expression);
  schedule.cron_ = std::make_shared<const Cron>(Cron{*std::move(expression), times});
  return schedule;
}

std::optional<Slot> Schedule::next(Instant after) const {
  if (after >= end_of_time) return {};
  after = std::max<Instant>(after, begin_of_time);
  if (cron_ == nullptr) return next_multiple(after, period_);
  return next_cron(std::chrono::floor<seconds>(after) + 1s);
}

// A stretch of one offset after the other; within a stretch the wall clock runs straight.
std::optional<Slot> Schedule::next_cron(sys_seconds from) const {
  while (from < end_of_time) {
    const date::sys_info stretch = zone_.tz().get_info(from);
    if (const auto slot = first_in(stretch, from)) return slot;
    from = stretch.end;
  }
  return {};
}

std::optional<Slot> Schedule::first_in(const date::sys_info& stretch, sys_seconds from) const {
  LocalSeconds start = local(from, stretch.offset);
  if (!cron_->expression.follows_real_time() && from - stretch.begin < longest_overlap) {
    const LocalSeconds before = local(stretch.begin, offset_before(zone_, stretch.begin));
    const LocalSeconds after = local(stretch.begin, stretch.offset);
    if (from == stretch.begin && before < after && effect(true, after - before) == ClockChange::Effect::moved) {
      if (const auto skipped = cron_->times.first(before, after)) {
        return Slot{stretch.begin, reading(*skipped), cron_->times.count(before, after)};
      }
    }
    start = std::max(start, before < after ? start : before);
  }
  const auto found = cron_->times.first(start, local(std::min(stretch.end, end_of_time), stretch.offset));
  if (!found) return {};
  return Slot{sys_seconds{seconds{*found} - stretch.offset}, {}, 0};
}

std::string Schedule::in_words() const {
  if (cron_ != nullptr) return run::in_words(cron_->expression);
  return "every " + time::to_text(period_) + ", counted from 1970-01-01T00:00:00Z";
}

std::vector<std::string> Schedule::lint() const {
  if (cron_ == nullptr) return {};
  return run::lint(cron_->expression);
}

std::vector<std::string> Schedule::lint(Instant now) const {
  auto found = lint();
  for (const ClockChange& change : clock_changes(now, now + a_year)) found.push_back(in_words(change));
  return found;
}

ClockChange::Effect Schedule::effect(bool gap, LocalSeconds width) const {
  using Effect = ClockChange::Effect;
  if (!gap) return cron_->expression.follows_real_time() ? Effect::twice : Effect::once;
  const bool made_up = cron_->expression.makes_up_for_gaps() && width <= longest_saving.count();
  return made_up ? Effect::moved : Effect::absent;
}

std::vector<ClockChange> Schedule::clock_changes(Instant from, Instant until) const {
  std::vector<ClockChange> changes;
  if (cron_ == nullptr) return changes;
  auto info = zone_.tz().get_info(std::chrono::floor<seconds>(from));
  while (info.end < until && info.end < end_of_time) {
    const seconds before = info.offset;
    info = zone_.tz().get_info(info.end);
    const LocalSeconds low = local(info.begin, std::min(before, info.offset));
    const LocalSeconds high = local(info.begin, std::max(before, info.offset));
    const int runs = cron_->times.count(low, high);
    if (runs == 0 || info.begin < from) continue;
    const bool gap = before < info.offset;
    changes.push_back({info.begin, reading(low), reading(high), runs, effect(gap, high - low)});
  }
  return changes;
}

std::string Schedule::in_words(const ClockChange& change) const {
  using Effect = ClockChange::Effect;
  const std::string times = std::to_string(change.runs) + (change.runs == 1 ? " run" : " runs");
  std::string text = date::format("%F: ", change.from) + clock_text(change.from) + " to " + clock_text(change.until);
  switch (change.effect) {
    case Effect::moved:
      text.append(" does not exist; ").append(times).append(" in it: runs once, right after, at ");
      return text.append(zone_.to_text(change.at)).append(" (").append(time::to_text(change.at)).append(")");
    case Effect::absent: return text.append(" does not exist; ").append(times).append(" in it: skipped");
    case Effect::once: return text.append(" comes twice; ").append(times).append(" in it: only the first time");
    case Effect::twice: return text.append(" comes twice; ").append(times).append(" in it: both times");
  }
  return text;
}

}  // namespace supportd::run
