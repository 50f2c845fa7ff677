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

// A part of a measure is passed once, whichever of several promises of that measure is the first to pass it.
void reach(std::vector<Threshold>& all, const Threshold& it) {
  const auto known = std::ranges::find_if(
      all, [&](const Threshold& one) { return one.percent == it.percent && one.target == it.target; });
  if (known == all.end()) {
    all.push_back(it);
  } else {
    known->at = std::min(known->at, it.at);
  }
}

void miss(std::vector<Breach>& all, const Breach& it) {
  const auto known = std::ranges::find(all, it.target, &Breach::target);
  if (known == all.end()) {
    all.push_back(it);
  } else if (it.at < known->at) {
    *known = it;
  }
}

// When it was used up first: then, unless it is known to have been before.
Instant used_up(Live& clock, const Measure& target, Instant at) {
  const auto known = std::ranges::find(clock.used_up, target, &Live::UsedUp::target);
  if (known != clock.used_up.end()) return known->at;
  return clock.used_up.emplace_back(target, at).at;
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

std::optional<Calendar::Reached> Dial::reached(const Clock& clock, const Promise& promise, Millis amount) const {
  const Millis left = amount - used(clock, promise);
  if (left < Millis{0}) return {};
  if (promise.by_the_wall()) return Calendar::Reached{at_ + left, at_ + left};
  const Calendar* const calendar = calendar_of(clock);
  return calendar == nullptr ? std::nullopt : calendar->add(at_, left);
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

void Dial::pass(Live& clock, const Promise& promise, Instant to) const {
  each_percent(clock, promise, [&](int percent) {
    const auto at = reached(clock, promise, part(promise.length, percent));
    if (!at) return;
    if (percent == whole && at->earliest <= to) used_up(clock, promise.measure(), at->earliest);
    if (at->latest >= to) return;
    if (percent == whole) miss(clock.breaches, {at->latest, promise.measure()});
    reach(clock.thresholds, {percent, at->latest, promise.measure()});
  });
}

void Dial::run(Live& clock, Instant to) const {
  const Calendar* const calendar = calendar_of(clock);
  const Millis open = calendar == nullptr ? Millis{0} : calendar->between(at_, to);
  const bool counts = clock.state == State::running;
  if (calendar == nullptr) clock.unmeasured.push_back({at_, to, counts});
  if (counts) {
    for (const Promise& promise : clock.promises) pass(clock, promise, to);
    clock.open += open;
    clock.wall += to - at_;
  } else {
    clock.paused += open;
    clock.paused_wall += to - at_;
  }
  if (detail_ == Detail::figures) return;
  const std::string why = clock.reason + (clock.cause.empty() ? "" : ": " + clock.cause);
  note(clock.segments, {at_, to, counts, counts ? why : "paused: " + why, clock.policy, clock.calendar, rules_.version,
                        counts ? open : Millis{0}});
}

void Dial::measure(Live& clock) const {
  const Calendar* const calendar = calendar_of(clock);
  if (calendar == nullptr || clock.unmeasured.empty()) return;
  for (const Live::Stretch& it : clock.unmeasured) {
    (it.counts ? clock.open : clock.paused) += calendar->between(it.from, it.to);
  }
  clock.unmeasured.clear();
  for (Segment& it : clock.segments) {
    if (!it.calendar.empty()) continue;
    it.calendar = clock.calendar;
    it.version = rules_.version;
    if (it.counts) it.counted = calendar->between(it.from, it.to);
  }
}

bool Dial::promise(Live& clock) const {
  const std::string before = std::exchange(clock.calendar, policy_ == nullptr ? "" : policy_->calendar);
  clock.policy = policy_ == nullptr ? "" : policy_->name;
  measure(clock);
  const Calendar* const calendar = calendar_of(clock);
  std::vector<Promise> promises;
  if (policy_ != nullptr) {
    for (const Target& target : policy_->targets_for(clock.metric, facts_)) {
      Promise promise{target, target.length, {}};
      if (target.kind == Target::Kind::business_days) {
        if (calendar == nullptr) continue;
        // One that ends after what is known is all of that, which never passes.
        const auto end = calendar->end_of_business_day(clock.started, target.days);
        promise.length =
            calendar->between(clock.started, end.value_or(Calendar::end() - Millis{1})) + (end ? Millis{0} : Millis{1});
      }
      promises.push_back(promise);
    }
  }
  const auto same = [](const Promise& a, const Promise& b) { return a.target == b.target && a.length == b.length; };
  if (clock.calendar == before && std::ranges::equal(clock.promises, promises, same)) return false;
  clock.promises = std::move(promises);
  return true;
}

void Dial::date(Live& clock) const {
  for (Promise& promise : clock.promises) {
    if (used(clock, promise) >= promise.length) {
      promise.due = used_up(clock, promise.measure(), at_);
      // It was missed before, or is missed as it begins to hold.
      if (used(clock, promise) > promise.length) miss(clock.breaches, {at_, promise.measure()});
    } else if (const auto at = reached(clock, promise, promise.length)) {
      promise.due = at->earliest;
    }
  }
}

void Dial::conclude(Clock& clock) const {
  const Promise* const promise = leading(clock);
  clock.due = promise == nullptr ? std::nullopt : promise->due;
  if (clock.warn_at && *clock.warn_at > at_) clock.warn_at.reset();  // of what held until now
  if (promise == nullptr || policy_ == nullptr || !policy_->warn_before) return;
  const Millis length = promise->length - *policy_->warn_before;
  if (used(clock, *promise) > length) {
    clock.warn_at = clock.warn_at.value_or(at_);
  } else if (const auto at = reached(clock, *promise, length)) {
    clock.warn_at = at->latest;
  }
}

void Dial::overtake(Clock& clock) const {
  for (const Promise& promise : clock.promises) {
    each_percent(clock, promise, [&](int percent) {
      if (used(clock, promise) > part(promise.length, percent))
        reach(clock.thresholds, {percent, at_, promise.measure()});
    });
  }
}

void Dial::foresee(Clock& clock) const {
  if (clock.state != State::running) return;
  for (const Promise& promise : clock.promises) {
    each_percent(clock, promise, [&](int percent) {
      const auto at = reached(clock, promise, part(promise.length, percent));
      if (at && at->latest >= at_) reach(clock.thresholds, {percent, at->latest, promise.measure()});
    });
  }
}

}  // namespace supportd::sla
