// Which slots of a job are due, and what becomes of them as far as time alone can tell. Pure.
#pragma once

#include <vector>

#include "daemon/run/job.hpp"
#include "daemon/run/record.hpp"

namespace supportd::run {

// A slot decided this long after it was due is still on time, whatever catch_up says.
inline constexpr Millis punctual{std::chrono::minutes{1}};

struct DueSlot {
  Slot slot;
  Trigger trigger;  // schedule or catch_up
};

struct SlotPlan {
  std::vector<Stretch> skips{};  // in order, all before the runs
  std::vector<DueSlot> runs{};   // in order; several only when catching up on all
  Instant decided_until{};       // the last slot decided; as before when there is none
};

struct SlotRules {
  const Schedule& schedule;
  Millis delay{};
  CatchUp catch_up{};
  Instant paused_until = Instant::min();
  // The daemon is stopping: a slot is left for the next start to catch up on, or skipped where nothing is caught up.
  bool draining = false;
};

SlotPlan plan_slots(const SlotRules& rules, Instant decided_until, Instant now);

// All slots in (after, until] as one stretch; none when there are none.
std::optional<Stretch> stretch_of(const Schedule& schedule, Instant after, Instant until, SkipReason reason);
// The last slot before `at`, if there is any within ten years.
std::optional<Instant> slot_before(const Schedule& schedule, Instant at);

}  // namespace supportd::run
