#include "daemon/run/slots.hpp"

#include <deque>

namespace supportd::run {
namespace {

using namespace std::chrono_literals;

void skip(std::vector<Stretch>& skips, Instant at, SkipReason reason) {
  if (!skips.empty() && skips.back().reason == reason) {
    skips.back().to = at;
    ++skips.back().count;
  } else {
    skips.push_back({at, at, 1, reason});
  }
}

std::optional<SkipReason> reason_to_skip(const SlotRules& rules, Instant slot, Millis late) {
  if (slot < rules.paused_until) return SkipReason::paused;
  if (rules.draining) return SkipReason::shutdown;
  const Millis window = rules.catch_up.mode == CatchUpMode::none ? Millis{0} : rules.catch_up.window;
  if (late > std::max(window, punctual)) return SkipReason::catch_up_window;
  return {};
}

}  // namespace

SlotPlan plan_slots(const SlotRules& rules, Instant decided_until, Instant now) {
  SlotPlan plan{.skips = {}, .runs = {}, .decided_until = decided_until};
  if (rules.draining && rules.catch_up.mode != CatchUpMode::none) return plan;
  const std::size_t most = rules.catch_up.mode == CatchUpMode::all ? static_cast<std::size_t>(rules.catch_up.max) : 1;
  std::deque<DueSlot> runs;
  while (const auto slot = rules.schedule.next(plan.decided_until)) {
    const Millis late = now - (slot->at + rules.delay);
    if (late < Millis{0}) break;
    plan.decided_until = slot->at;
    if (const auto reason = reason_to_skip(rules, slot->at, late)) {
      skip(plan.skips, slot->at, *reason);
      continue;
    }
    runs.push_back({*slot, late > punctual ? Trigger::catch_up : Trigger::schedule});
    if (runs.size() > most) {
      skip(plan.skips, runs.front().slot.at, SkipReason::coalesced);
      runs.pop_front();
    }
  }
  plan.runs.assign(runs.begin(), runs.end());
  return plan;
}

std::optional<Stretch> stretch_of(const Schedule& schedule, Instant after, Instant until, SkipReason reason) {
  std::optional<Stretch> out;
  for (auto slot = schedule.next(after); slot && slot->at <= until; slot = schedule.next(slot->at)) {
    if (!out) out = Stretch{slot->at, slot->at, 0, reason};
    out->to = slot->at;
    ++out->count;
  }
  return out;
}

std::optional<Instant> slot_before(const Schedule& schedule, Instant at) {
  for (Millis back = 1s; back < 3660 * 24h; back *= 2) {
    const auto found = stretch_of(schedule, at - back, at - 1ms, SkipReason::gap);
    if (found) return found->to;
  }
  return {};
}

}  // namespace supportd::run
