#include "jobs/sla/dial.hpp"

#include <algorithm>

namespace supportd::sla {
namespace {

using calendar::Calendar;
using calendar::Target;

Millis used(const Clock& clock, const Promise& promise) { return promise.by_the_wall() ? clock.wall : clock.open; }

constexpr int whole = 100;

Millis part(Millis length, int percent) { return Millis{length.count() * percent / whole}; }

// The promise that is due first; null when none is.
const Promise* leading(const Clock& clock) {
  const Promise* out = nullptr;
  for (const Promise& it : clock.promises) {
    if (it.due && (out == nullptr || *it.due < *out->due)) out = &it;
  }
  return out;
}

void note(std::vector<Segment>& all, Segment more) {
  if (!all.empty()) {
    Segment& last = all.back();
    const bool goes_on = last.to == more.from && last.counts == more.counts && last.why == more.why &&
                         last.policy == more.policy && last.calendar == more.calendar && last.version == more.version;
    if (goes_on) {
      last.to = more.to;
      last.counted += more.counted;
      return;
    }
  }
  all.push_back(std::move(more));
}

}  // namespace

const Calendar* Dial::calendar_of(const Clock& clock) const {
  const auto at = rules_.calendars.find(clock.calendar);
  return at == rules_.calendars.end() ? nullptr : at->second.get();
}

std::optional<Instant> Dial::reached(const Clock& clock, const Promise& promise, Millis amount) const {
  const Millis left = amount - used(clock, promise);
  if (left < Millis{0}) return {};
  if (promise.by_the_wall()) return at_ + left;
  const Calendar* const calendar = calendar_of(clock);
  if (calendar == nullptr) return {};
  const auto at = calendar->add(at_, left);
  return at ? std::optional(at->latest) : std::nullopt;
}

template <class Take>
void Dial::each_percent(const Clock& clock, const Promise& promise, Take take) const {
  bool is_whole_due = true;
  if (policy_ != nullptr && &promise == leading(clock)) {
    for (const int percent : policy_->thresholds) {
      if (is_whole_due && percent > whole) take(whole);
      is_whole_due = is_whole_due && percent < whole;
      take(percent);
    }
  }
  if (is_whole_due) take(whole);
}

void Dial::pass(Clock& clock, const Promise& promise, Instant to) const {
  each_percent(clock, promise, [&](int percent) {
    const auto at = reached(clock, promise, part(promise.length, percent));
    if (!at || *at >= to) return;
    if (percent == whole) clock.breaches.push_back({*at, promise.length});
    clock.thresholds.push_back({percent, *at, promise.length});
  });
}

void Dial::run(Clock& clock, Instant to) const {
  const Calendar* const calendar = calendar_of(clock);
  const Millis open = calendar == nullptr ? Millis{0} : calendar->between(at_, to);
  const bool counts = clock.state == State::running;
  if (counts) {
    for (const Promise& promise : clock.promises) pass(clock, promise, to);
    clock.open += open;
    clock.wall += to - at_;
  } else {
    clock.paused += open;
  }
  if (detail_ == Detail::figures) return;
  note(clock.segments, {at_, to, counts, counts ? clock.reason : "paused: " + clock.reason, clock.policy,
                        clock.calendar, rules_.version, counts ? open : Millis{0}});
}

bool Dial::promise(Clock& clock) const {
  const std::string before = std::exchange(clock.calendar, policy_ == nullptr ? "" : policy_->calendar);
  clock.policy = policy_ == nullptr ? "" : policy_->name;
  const Calendar* const calendar = calendar_of(clock);
  std::vector<Promise> promises;
  if (policy_ != nullptr) {
    for (const Target& target : policy_->targets_for(clock.metric, facts_)) {
      Promise promise{target, target.length, {}, {}};
      if (target.kind == Target::Kind::business_days) {
        const auto end = calendar == nullptr ? std::nullopt : calendar->end_of_business_day(clock.started, target.days);
        if (!end) continue;
        promise.length = calendar->between(clock.started, *end);
      }
      promises.push_back(promise);
    }
  }
  const auto same = [](const Promise& a, const Promise& b) { return a.target == b.target && a.length == b.length; };
  if (clock.calendar == before && std::ranges::equal(clock.promises, promises, same)) return false;
  clock.promises = std::move(promises);
  return true;
}

void Dial::date(Clock& clock) const {
  const Calendar* const calendar = calendar_of(clock);
  for (Promise& promise : clock.promises) {
    const Millis left = promise.length - used(clock, promise);
    if (left < Millis{0}) {
      // More than that is used up already: it was missed before, or is missed as it begins to hold.
      const auto missed = std::ranges::find(clock.breaches, promise.length, &Breach::target);
      promise.due = promise.late_after = missed == clock.breaches.end() ? at_ : missed->at;
      if (missed == clock.breaches.end()) clock.breaches.push_back({at_, promise.length});
    } else if (promise.by_the_wall()) {
      promise.due = promise.late_after = at_ + left;
    } else if (const auto reached = calendar == nullptr ? std::nullopt : calendar->add(at_, left)) {
      promise.due = reached->earliest;
      promise.late_after = reached->latest;
    }
  }
}

void Dial::conclude(Clock& clock) const {
  const Promise* const promise = leading(clock);
  clock.due = promise == nullptr ? std::nullopt : promise->due;
  if (clock.warn_at && *clock.warn_at > at_) clock.warn_at.reset();  // of what held until now
  if (promise == nullptr || policy_ == nullptr || !policy_->warn_before) return;
  const Millis length = promise->length - *policy_->warn_before;
  if (used(clock, *promise) >= length) {
    clock.warn_at = clock.warn_at.value_or(at_);
  } else if (clock.due) {
    clock.warn_at = reached(clock, *promise, length);
  }
}

void Dial::overtake(Clock& clock) const {
  for (const Promise& promise : clock.promises) {
    each_percent(clock, promise, [&](int percent) {
      if (used(clock, promise) <= part(promise.length, percent)) return;
      const bool is_known = std::ranges::any_of(
          clock.thresholds, [&](const Threshold& it) { return it.percent == percent && it.target == promise.length; });
      if (!is_known) clock.thresholds.push_back({percent, at_, promise.length});
    });
  }
}

void Dial::foresee(Clock& clock) const {
  if (clock.state != State::running) return;
  for (const Promise& promise : clock.promises) {
    each_percent(clock, promise, [&](int percent) {
      const auto at = reached(clock, promise, part(promise.length, percent));
      if (at && *at >= at_) clock.thresholds.push_back({percent, *at, promise.length});
    });
  }
}

}  // namespace supportd::sla
