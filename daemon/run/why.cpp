#include "daemon/run/why.hpp"

#include "daemon/run/runs.hpp"

namespace supportd::run {
namespace {

struct Version {
  std::string schedule, zone;
  Instant since;
};

// The schedule that said whether `slot` is one: the last that began before it.
std::optional<Version> version_at(store::Tx& tx, const std::string& job, Instant slot) {
  auto found = tx.one<std::string, std::string, Instant>(
      "SELECT schedule, zone, since FROM job_schedule WHERE job = :job AND since < :slot ORDER BY version DESC LIMIT 1",
      job, slot);
  if (!found) return {};
  return Version{std::get<0>(*found), std::get<1>(*found), std::get<2>(*found)};
}

std::optional<Schedule> parsed(const Version& version) {
  if (version.schedule.empty()) return {};
  const auto zone = time::Zone::find(version.zone);
  if (!zone) return {};
  auto schedule = Schedule::parse(version.schedule, *zone);
  if (!schedule) return {};
  return std::move(*schedule);
}

std::string pause_ahead(const decisions::JobRow& row, Instant slot) {
  if (!row.paused_until || slot >= *row.paused_until) return "";
  return (*row.paused_until == time::never ? "until it is resumed" : "until " + time::to_text(*row.paused_until)) +
         ", by " + row.paused_by + (row.pause_reason.empty() ? "" : ": " + row.pause_reason);
}

std::optional<Skipped> skipped(store::Tx& tx, const std::string& job, Instant slot) {
  const auto found = tx.one<Instant, Instant, std::int64_t, std::string, std::string>(
      "SELECT from_slot, to_slot, slots, reason, detail FROM skip WHERE job = :job AND from_slot <= :from AND to_slot "
      ">= "
      ":to ORDER BY from_slot DESC LIMIT 1",
      job, slot, slot);
  if (!found) return {};
  const auto& [from, to, count, reason, detail] = *found;
  return Skipped{{from, to, count, skip_reason_of(reason)}, detail};
}

std::string in_words(const RunRow& run) {
  std::string out = "run " + std::to_string(run.id) + " (" + std::string(to_text(run.trigger));
  if (run.attempt > 1) out += ", attempt " + std::to_string(run.attempt);
  out += "): ";
  if (run.state == RunState::queued) return out + "queued, may start at " + time::to_text(run.start_at);
  if (run.state == RunState::armed) return out + "decided, begins at " + time::to_text(run.start_at);
  if (run.state == RunState::running) return out + "running since " + time::to_text(*run.started);
  out += std::string(to_text(*run.outcome));
  if (run.started) out += " after " + time::to_text(*run.finished - *run.started);
  if (!run.summary.empty()) out += ": " + run.summary;
  if (!run.error.empty()) out += ": " + run.error;
  if (!run.reason.empty()) out += "; " + run.reason;
  return out;
}

std::string in_words(const Skipped& skipped) {
  const Stretch& skip = skipped.stretch;
  std::string out = "skipped: " + std::string(to_text(skip.reason));
  if (!skipped.pause.empty()) out += " " + skipped.pause;
  if (skip.count == 1) return out;
  return out + (skipped.pause.empty() ? "," : ";") + " as were all " + std::to_string(skip.count) + " slots from " +
         time::to_text(skip.from) + " to " + time::to_text(skip.to);
}

std::string in_words(const NotASlot& none) {
  std::string out = "not a fire time";
  if (none.before || none.after) out += "; the nearest are ";
  if (none.before) out += time::to_text(*none.before);
  if (none.before && none.after) out += " and ";
  if (none.after) out += time::to_text(*none.after);
  return out;
}

std::string in_words(const NotYet& later) {
  const std::string out = "not yet: it is due at " + time::to_text(later.due);
  return later.pause.empty() ? out : out + ", and will be skipped: paused " + later.pause;
}
std::string in_words(const BeforeFirstSight& before) {
  return "before the job was first seen, at " + time::to_text(before.first_sight);
}
std::string in_words(const Pruned&) { return "a fire time, but so long ago that its decision is no longer kept"; }

}  // namespace

std::optional<Instant> last_slot(store::Tx& tx, const std::string& job, Instant now) {
  const auto run =
      tx.one<Instant>("SELECT slot FROM run WHERE job = :job AND slot <= :now ORDER BY slot DESC LIMIT 1", job, now);
  const auto skip = tx.one<Instant>(
      "SELECT to_slot FROM skip WHERE job = :job AND from_slot <= :now ORDER BY from_slot DESC LIMIT 1", job, now);
  return std::max(run, skip);
}

WhyAnswer why(store::Tx& tx, const std::string& job, Instant slot, Millis delay) {
  const auto row = decisions::find(tx, job);
  if (!row) throw Error(ErrorKind::gone, "no job '" + job + "' was ever seen");
  if (auto run = runs::find(tx, job, slot)) return std::move(*run);
  const auto version = version_at(tx, job, slot);
  if (!version) {
    return BeforeFirstSight{*tx.one<Instant>("SELECT since FROM job_schedule WHERE job = :job AND version = 1", job)};
  }
  const auto schedule = parsed(*version);
  if (!schedule) return NotASlot{};
  const auto next = schedule->next(slot - Millis{1});
  if (!next || next->at != slot) {
    return NotASlot{.before = slot_before(*schedule, slot), .after = next ? std::optional(next->at) : std::nullopt};
  }
  if (slot > row->decided_until) return NotYet{slot + delay, pause_ahead(*row, slot)};
  if (const auto skip = skipped(tx, job, slot)) return *skip;
  return Pruned{};
}

std::string in_words(const WhyAnswer& answer) {
  return std::visit([](const auto& what) { return in_words(what); }, answer);
}

}  // namespace supportd::run
