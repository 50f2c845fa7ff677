#include "daemon/run/decisions.hpp"

#include "daemon/digest.hpp"
#include "daemon/run/runs.hpp"

namespace supportd::run::decisions {
namespace {

const store::Migration schema{.slice = "decision", .number = 1, .sql = R"(
CREATE TABLE job (
  name TEXT PRIMARY KEY,
  revision BIGINT NOT NULL,
  version BIGINT NOT NULL,
  decided_until BIGINT NOT NULL,
  paused_until BIGINT,
  pause_reason TEXT NOT NULL DEFAULT '',
  paused_by TEXT NOT NULL DEFAULT '',
  last_start BIGINT,
  last_completion BIGINT,
  last_success BIGINT,
  open_skip BIGINT NOT NULL DEFAULT 0);
CREATE TABLE job_schedule (
  job TEXT NOT NULL,
  version BIGINT NOT NULL,
  schedule TEXT NOT NULL,
  zone TEXT NOT NULL,
  since BIGINT NOT NULL,
  PRIMARY KEY (job, version));
CREATE TABLE skip (
  id {id},
  job TEXT NOT NULL,
  from_slot BIGINT NOT NULL,
  to_slot BIGINT NOT NULL,
  slots BIGINT NOT NULL,
  reason TEXT NOT NULL,
  UNIQUE (job, from_slot));
CREATE INDEX skip_end ON skip (to_slot);
CREATE TABLE run_once (
  id TEXT PRIMARY KEY,
  content TEXT NOT NULL,
  run BIGINT NOT NULL))"};

// What identifies a job's schedule: a change of either text is a new version.
struct Written {
  std::string schedule, zone;
  friend bool operator==(const Written&, const Written&) = default;
};

Written written(const Job& job) {
  if (!job.schedule) return {};
  return {job.schedule->text(), job.schedule->zone().name()};
}

std::optional<Written> written(store::Tx& tx, const JobRow& row) {
  const auto found = tx.one<std::string, std::string>(
      "SELECT schedule, zone FROM job_schedule WHERE job = :job AND version = :version", row.name, row.version);
  if (!found) return {};
  return Written{std::get<0>(*found), std::get<1>(*found)};
}

// None when there is no schedule, or its zone has left the system's tzdata.
std::optional<Schedule> parsed(const Written& text) {
  if (text.schedule.empty()) return {};
  const auto zone = time::Zone::find(text.zone);
  if (!zone) return {};
  auto schedule = Schedule::parse(text.schedule, *zone);
  if (!schedule) return {};
  return std::move(*schedule);
}

// Who paused the job, and why.
std::string pause_of(const JobRow& row) {
  if (row.paused_by.empty()) return "in the configuration";
  return "by " + row.paused_by + (row.pause_reason.empty() ? "" : ": " + row.pause_reason);
}

void record_skip(store::Tx& tx, JobRow& row, const Stretch& stretch) {
  const std::string detail = stretch.reason == SkipReason::paused ? pause_of(row) : "";
  const auto longer = tx.exec(
      "UPDATE skip SET to_slot = :to, slots = slots + :count WHERE id = :id AND reason = :reason AND detail = :detail",
      stretch.to, stretch.count, row.open_skip, to_text(stretch.reason), detail);
  if (longer == 1) return;
  row.open_skip = *tx.insert<std::int64_t>(
      "INSERT INTO skip (job, from_slot, to_slot, slots, reason, detail) VALUES (:job, :from, :to, :count, :reason, "
      ":detail)",
      row.name, stretch.from, stretch.to, stretch.count, to_text(stretch.reason), detail);
}

void save(store::Tx& tx, JobRow& row) {
  ++row.revision;
  tx.exec(
      "UPDATE job SET revision = :revision, version = :version, decided_until = :until, paused_until = :paused, "
      "pause_reason = :reason, paused_by = :by, open_skip = :skip WHERE name = :name",
      row.revision, row.version, row.decided_until, row.paused_until, row.pause_reason, row.paused_by, row.open_skip,
      row.name);
}

void begin_version(store::Tx& tx, JobRow& row, const Written& text, Instant now) {
  ++row.version;
  tx.exec(
      "INSERT INTO job_schedule (job, version, schedule, zone, since) VALUES (:job, :version, :schedule, :zone, "
      ":since)",
      row.name, row.version, text.schedule, text.zone, now);
}

void end_version(store::Tx& tx, JobRow& row, const Written& old, Instant now) {
  if (const auto schedule = parsed(old)) {
    const auto owed = stretch_of(*schedule, row.decided_until, now, SkipReason::superseded);
    if (owed) record_skip(tx, row, *owed);
  }
  row.decided_until = now;
}

JobRow first_sight(store::Tx& tx, const Job& job, Instant now) {
  JobRow row;
  row.name = job.name;
  row.decided_until = now;
  tx.exec("INSERT INTO job (name, revision, version, decided_until) VALUES (:name, 0, 0, :until)", job.name, now);
  begin_version(tx, row, written(job), now);
  save(tx, row);
  return row;
}

JobRow require(store::Tx& tx, const std::string& name) {
  auto row = find(tx, name);
  if (!row) throw Error(ErrorKind::gone, "no job '" + name + "' in the ledger");
  return std::move(*row);
}

// Retries that wait for their time give way to a newer run. Returns how many runs are open besides.
std::size_t supersede_retries(store::Tx& tx, const std::string& job, const std::string& by, Instant now) {
  std::size_t open = 0;
  for (const RunRow& run : runs::open(tx, job)) {
    if (run.trigger == Trigger::retry && run.state == RunState::queued && run.start_at > now) {
      runs::cancel(tx, run.id, "superseded by " + by, now);
    } else {
      ++open;
    }
  }
  return open;
}

std::string told(const Slot& slot) {
  if (!slot.skipped) return "";
  return "stands for " + std::to_string(slot.missed) + " slot" + (slot.missed == 1 ? "" : "s") + " from " +
         date::format("%F %T", std::chrono::floor<std::chrono::seconds>(*slot.skipped)) +
         ", local times that the change of clocks left out";
}

// First of all, so that on PostgreSQL a second daemon waits here and then repeats. False when somebody else changed the
// row since.
bool claim(store::Tx& tx, const JobRow& seen, Instant decided_until) {
  return tx.exec(
             "UPDATE job SET revision = revision + 1, decided_until = :until WHERE name = :name AND revision = :seen",
             decided_until, seen.name, seen.revision) == 1;
}

// The stretch that the job's last decision belongs to; 0 when it was a run.
std::int64_t last_skip(store::Tx& tx, const std::string& job) {
  return tx
      .one<std::int64_t>(
          "SELECT id FROM skip WHERE job = :job AND from_slot > COALESCE((SELECT MAX(slot) FROM run WHERE run.job = "
          "skip.job), 0) ORDER BY from_slot DESC LIMIT 1",
          job)
      .value_or(0);
}

RunRow run_of(const Job& job, const std::string& owner, Instant now) {
  RunRow run;
  run.job = job.name;
  run.arguments = runs::arguments_text(job.config.arguments);
  run.created = run.start_at = now;
  run.owner = owner;
  return run;
}

}  // namespace

std::vector<store::Migration> migrations() {
  return {schema,
          // Of a pause: who paused the job, and why.
          {.slice = "decision", .number = 2, .sql = "ALTER TABLE skip ADD COLUMN detail TEXT NOT NULL DEFAULT ''"}};
}

std::optional<JobRow> find(store::Tx& tx, const std::string& name) {
  using Maybe = std::optional<Instant>;
  auto found = tx.one<std::int64_t, std::int64_t, Instant, Maybe, std::string, std::string, Maybe, Maybe, Maybe,
                      std::int64_t>(
      "SELECT revision, version, decided_until, paused_until, pause_reason, paused_by, last_start, last_completion, "
      "last_success, open_skip FROM job WHERE name = :name",
      name);
  if (!found) return {};
  JobRow row;
  row.name = name;
  std::tie(row.revision, row.version, row.decided_until, row.paused_until, row.pause_reason, row.paused_by,
           row.last_start, row.last_completion, row.last_success, row.open_skip) = std::move(*found);
  return row;
}

std::vector<std::string> scheduled(store::Tx& tx) {
  return tx.all<std::string>(
      "SELECT job.name FROM job JOIN job_schedule ON job_schedule.job = job.name AND "
      "job_schedule.version = job.version WHERE job_schedule.schedule <> '' ORDER BY job.name");
}

JobRow adopt(store::Tx& tx, const Job& job, Instant now) {
  auto row = find(tx, job.name);
  if (!row) return first_sight(tx, job, now);
  const auto old = written(tx, *row);
  if (old && *old == written(job)) return std::move(*row);
  end_version(tx, *row, old.value_or(Written{}), now);
  begin_version(tx, *row, written(job), now);
  save(tx, *row);
  return std::move(*row);
}

void retire(store::Tx& tx, const std::string& name, Instant now) {
  JobRow row = require(tx, name);
  end_version(tx, row, written(tx, row).value_or(Written{}), now);
  begin_version(tx, row, {}, now);
  save(tx, row);
}

Decided record(store::Tx& tx, const Job& job, const JobRow& seen, const SlotPlan& plan, const std::string& owner,
               Instant now) {
  Decided out;
  if (!claim(tx, seen, plan.decided_until)) {
    out.row = require(tx, seen.name);
    out.stale = true;
    return out;
  }
  out.row = seen;
  ++out.row.revision;
  out.row.decided_until = plan.decided_until;
  const auto skip = [&](const Stretch& stretch) {
    record_skip(tx, out.row, stretch);
    out.skips.push_back(stretch);
  };
  for (const Stretch& stretch : plan.skips) skip(stretch);
  std::size_t open = 0;
  if (!plan.runs.empty()) {
    open = supersede_retries(tx, job.name, "the slot " + time::to_text(plan.runs.front().slot.at), now);
  }
  const std::size_t room = job.overlap == Overlap::queue ? 2 : 1;
  for (const DueSlot& due : plan.runs) {
    const bool catching_up_on_all = due.trigger == Trigger::catch_up && plan.runs.size() > 1;
    if (open >= room && !catching_up_on_all) {
      skip({due.slot.at, due.slot.at, 1, SkipReason::overlap});
      continue;
    }
    if (job.kind->affordable && !job.kind->affordable()) {
      skip({due.slot.at, due.slot.at, 1, SkipReason::budget});
      continue;
    }
    RunRow run = run_of(job, owner, now);
    run.slot = due.slot.at;
    run.trigger = due.trigger;
    run.reason = told(due.slot);
    out.runs.push_back(runs::add(tx, run));
    if (open == 0) out.ready = out.runs.back();
    out.row.open_skip = 0;
    ++open;
  }
  if (out.row.open_skip != seen.open_skip) {
    tx.exec("UPDATE job SET open_skip = :skip WHERE name = :name", out.row.open_skip, seen.name);
  }
  return out;
}

Decided arm(store::Tx& tx, const Job& job, const JobRow& seen, const Slot& slot, Instant due, const std::string& owner,
            Instant now) {
  Decided out;
  out.row = seen;
  if (!runs::open(tx, job.name).empty() || (job.kind->affordable && !job.kind->affordable())) return out;
  if (!claim(tx, seen, slot.at)) {
    out.row = require(tx, seen.name);
    out.stale = true;
    return out;
  }
  ++out.row.revision;
  out.row.decided_until = slot.at;
  RunRow run = run_of(job, owner, now);
  run.slot = slot.at;
  run.start_at = due;
  run.reason = told(slot);
  run.id = runs::add_armed(tx, run);
  run.state = RunState::armed;
  run.fence = 1;
  out.armed = std::move(run);
  if (seen.open_skip != 0) {
    out.row.open_skip = 0;
    tx.exec("UPDATE job SET open_skip = 0 WHERE name = :name", seen.name);
  }
  return out;
}

void disarm(store::Tx& tx, const std::string& name, const std::function<bool(std::int64_t run)>& began) {
  for (const RunRow& run : runs::open(tx, name)) {
    if (run.state != RunState::armed || began(run.id)) continue;
    runs::remove(tx, run.id);
    JobRow row = require(tx, name);
    row.decided_until = *run.slot - Millis{1};
    row.open_skip = last_skip(tx, name);
    save(tx, row);
  }
}

JobRow cancel_armed(store::Tx& tx, const RunRow& run, const std::string& why, Instant now) {
  runs::cancel(tx, run.id, why, now);
  JobRow row = require(tx, run.job);
  save(tx, row);
  return row;
}

JobRow skip_all(store::Tx& tx, const Job& job, Instant now, SkipReason reason) {
  JobRow row = require(tx, job.name);
  if (!job.schedule) return row;
  const auto stretch = stretch_of(*job.schedule, row.decided_until, now, reason);
  if (!stretch) return row;
  record_skip(tx, row, *stretch);
  row.decided_until = stretch->to;
  save(tx, row);
  return row;
}

JobRow pause(store::Tx& tx, const std::string& name, Instant until, const std::string& reason,
             const std::string& actor) {
  JobRow row = require(tx, name);
  row.paused_until = until;
  row.pause_reason = reason;
  row.paused_by = actor;
  save(tx, row);
  return row;
}

JobRow resume(store::Tx& tx, const std::string& name) {
  JobRow row = require(tx, name);
  row.paused_until.reset();
  row.pause_reason.clear();
  row.paused_by.clear();
  save(tx, row);
  return row;
}

std::int64_t ask(store::Tx& tx, const Job& job, const Asked& asked, const std::string& owner, Instant now) {
  Arguments arguments = job.config.arguments;
  for (const auto& [name, value] : asked.arguments) arguments[name] = value;
  if (const auto flaw = flaw_of(*job.kind, arguments)) throw Error(ErrorKind::refused, job.name + ": " + *flaw);
  const std::size_t open = supersede_retries(tx, job.name, "a run that was asked for", now);
  const bool queues = job.overlap == Overlap::queue;
  if (open >= (queues ? 2U : 1U) && asked.trigger != Trigger::run_once) {
    throw Error(ErrorKind::conflict, job.name + ": an earlier run has not ended, and overlap = " +
                                         (queues ? "\"queue\" lets only one wait" : "\"skip\" lets none wait"));
  }
  // Locks the job's row, as claiming a slot does.
  JobRow row = require(tx, job.name);
  save(tx, row);
  RunRow run = run_of(job, owner, now);
  run.trigger = asked.trigger;
  run.actor = asked.actor;
  run.reason = asked.reason;
  run.arguments = runs::arguments_text(arguments);
  run.dry_run = asked.dry_run;
  return runs::add(tx, run);
}

namespace {

std::string content_of(const RunOnce& once) {
  return digest::hex(digest::sha256(once.job + "\n" + runs::arguments_text(once.arguments)));
}

}  // namespace

std::optional<std::int64_t> find_once(store::Tx& tx, const RunOnce& once) {
  const auto before = tx.one<std::string, std::int64_t>("SELECT content, run FROM run_once WHERE id = :id", once.id);
  if (!before) return {};
  if (std::get<0>(*before) == content_of(once)) return std::get<1>(*before);
  throw Error(
      ErrorKind::refused,
      "run_once '" + once.id + "' has run with another job or other arguments; give the new one an id of its own");
}

std::int64_t ask_once(store::Tx& tx, const Job& job, const RunOnce& once, const std::string& owner, Instant now) {
  if (const auto before = find_once(tx, once)) return *before;
  const Asked asked{.trigger = Trigger::run_once,
                    .actor = "configuration",
                    .reason = once.id,
                    .arguments = once.arguments,
                    .dry_run = false};
  const std::int64_t run = ask(tx, job, asked, owner, now);
  tx.exec("INSERT INTO run_once (id, content, run) VALUES (:id, :content, :run)", once.id, content_of(once), run);
  return run;
}

long long prune(store::Tx& tx, Instant before, int most) {
  const auto gone = tx.exec(
      "DELETE FROM run WHERE id IN (SELECT id FROM run WHERE state = 'done' AND finished < :before "
      "ORDER BY finished LIMIT :most)",
      before, most);
  return gone + tx.exec(
                    "DELETE FROM skip WHERE id IN (SELECT id FROM skip WHERE to_slot < :before "
                    "ORDER BY to_slot LIMIT :most)",
                    before, most);
}

}  // namespace supportd::run::decisions
