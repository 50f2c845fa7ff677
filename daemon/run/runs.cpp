#include "daemon/run/runs.hpp"

#include "daemon/json.hpp"

namespace supportd::run::runs {
namespace {

const store::Migration schema{.slice = "run", .number = 1, .sql = R"(
CREATE TABLE run (
  id {id},
  job TEXT NOT NULL,
  slot BIGINT,
  attempt BIGINT NOT NULL,
  origin TEXT NOT NULL,
  actor TEXT NOT NULL,
  reason TEXT NOT NULL,
  arguments TEXT NOT NULL,
  dry_run BIGINT NOT NULL,
  state TEXT NOT NULL,
  created BIGINT NOT NULL,
  start_at BIGINT NOT NULL,
  started BIGINT,
  finished BIGINT,
  outcome TEXT,
  summary TEXT NOT NULL DEFAULT '',
  counts TEXT NOT NULL DEFAULT '{}',
  error TEXT NOT NULL DEFAULT '',
  owner TEXT NOT NULL,
  fence BIGINT NOT NULL DEFAULT 0,
  UNIQUE (job, slot, attempt));
CREATE INDEX run_open ON run (job, id) WHERE state <> 'done';
CREATE INDEX run_finished ON run (finished) WHERE state = 'done';
CREATE TABLE daemon (owner TEXT PRIMARY KEY, lease_until BIGINT NOT NULL))"};

constexpr const char* columns =
    "id, job, slot, attempt, origin, actor, reason, arguments, dry_run, state, created, start_at, started, finished, "
    "outcome, summary, counts, error, owner, fence";

std::string select(const char* rest) { return std::string("SELECT ") + columns + " FROM run " + rest; }

template <class... A>
std::vector<RunRow> rows(store::Tx& tx, const std::string& sql, const A&... args) {
  using Text = std::string;
  std::vector<RunRow> out;
  tx.each<std::int64_t, Text, std::optional<Instant>, int, Text, Text, Text, Text, bool, Text, Instant, Instant,
          std::optional<Instant>, std::optional<Instant>, std::optional<Text>, Text, Text, Text, Text, std::int64_t>(
      sql,
      [&](auto row) {
        RunRow run;
        Text trigger, state;
        std::optional<Text> outcome;
        std::tie(run.id, run.job, run.slot, run.attempt, trigger, run.actor, run.reason, run.arguments, run.dry_run,
                 state, run.created, run.start_at, run.started, run.finished, outcome, run.summary, run.counts,
                 run.error, run.owner, run.fence) = std::move(row);
        run.trigger = trigger_of(trigger);
        run.state = run_state_of(state);
        if (outcome) run.outcome = outcome_of(*outcome);
        out.push_back(std::move(run));
      },
      args...);
  return out;
}

template <class... A>
std::optional<RunRow> row(store::Tx& tx, const std::string& sql, const A&... args) {
  auto found = rows(tx, sql, args...);
  if (found.empty()) return {};
  return std::move(found.front());
}

std::string counts_text(const Report& report) {
  json::Writer writer;
  writer.object([&] {
    for (const auto& [name, count] : report.counts) writer.member(name, static_cast<std::int64_t>(count));
  });
  return writer.take();
}

std::int64_t insert(store::Tx& tx, const RunRow& row, RunState state, std::int64_t fence) {
  return *tx.insert<std::int64_t>(
      "INSERT INTO run (job, slot, attempt, origin, actor, reason, arguments, dry_run, state, created, start_at, "
      "owner, fence) VALUES (:job, :slot, :attempt, :origin, :actor, :reason, :arguments, :dry_run, :state, :created, "
      ":start_at, :owner, :fence)",
      row.job, row.slot, row.attempt, to_text(row.trigger), row.actor, row.reason, row.arguments, row.dry_run,
      to_text(state), row.created, row.start_at, row.owner, fence);
}

}  // namespace

std::vector<store::Migration> migrations() { return {schema}; }

std::int64_t add(store::Tx& tx, const RunRow& row) { return insert(tx, row, RunState::queued, 0); }
std::int64_t add_armed(store::Tx& tx, const RunRow& row) { return insert(tx, row, RunState::armed, 1); }

std::vector<std::string> armed_jobs(store::Tx& tx) {
  return tx.all<std::string>("SELECT DISTINCT job FROM run WHERE state = 'armed' AND state <> 'done' ORDER BY job");
}

void remove(store::Tx& tx, std::int64_t id) { tx.exec("DELETE FROM run WHERE id = :id AND state = 'armed'", id); }

std::optional<RunRow> find(store::Tx& tx, std::int64_t id) { return row(tx, select("WHERE id = :id"), id); }

std::optional<RunRow> find(store::Tx& tx, const std::string& job, Instant slot) {
  return row(tx, select("WHERE job = :job AND slot = :slot ORDER BY attempt DESC LIMIT 1"), job, slot);
}

std::vector<RunRow> latest(store::Tx& tx, const std::string& job, int most) {
  if (job.empty()) return rows(tx, select("ORDER BY id DESC LIMIT :most"), most);
  return rows(tx, select("WHERE job = :job ORDER BY id DESC LIMIT :most"), job, most);
}

std::vector<RunRow> open(store::Tx& tx, const std::string& job) {
  return rows(tx, select("WHERE job = :job AND state <> 'done' ORDER BY id"), job);
}

std::optional<RunRow> next(store::Tx& tx, const std::string& job, Instant now) {
  std::optional<RunRow> first;
  for (RunRow& run : open(tx, job)) {
    if (run.state == RunState::running || run.state == RunState::armed) return {};
    if (!first && run.start_at <= now) first = std::move(run);
  }
  return first;
}

std::vector<std::pair<Instant, std::string>> waiting(store::Tx& tx, const std::string& owner) {
  std::vector<std::pair<Instant, std::string>> out;
  tx.each<Instant, std::string>(
      "SELECT start_at, job FROM run WHERE state = 'queued' AND state <> 'done' AND owner = :owner ORDER BY start_at, "
      "id",
      [&](auto found) { out.emplace_back(std::get<0>(found), std::move(std::get<1>(found))); }, owner);
  return out;
}

std::optional<RunRow> start(store::Tx& tx, std::int64_t id, const std::string& owner, Instant now) {
  const auto changed = tx.exec(
      "UPDATE run SET state = 'running', started = :now, fence = fence + 1 "
      "WHERE id = :id AND state = 'queued' AND owner = :owner AND NOT EXISTS "
      "(SELECT 1 FROM run other WHERE other.job = run.job AND other.state IN ('running', 'armed') AND other.state <> "
      "'done')",
      now, id, owner);
  if (changed == 0) return {};
  auto run = find(tx, id);
  tx.exec("UPDATE job SET last_start = :now WHERE name = :name", now, run->job);
  return run;
}

void began(store::Tx& tx, const Fence& fence, Instant at) {
  const auto job = tx.one<std::string>(
      "UPDATE run SET state = 'running', started = :at WHERE id = :id AND fence = :fence AND state = 'armed' RETURNING "
      "job",
      at, fence.run(), fence.number());
  if (job) tx.exec("UPDATE job SET last_start = :at WHERE name = :name", at, *job);
}

void put_back(store::Tx& tx, const Fence& fence, Instant now) {
  tx.exec(
      "UPDATE run SET state = 'queued', started = NULL, start_at = :now "
      "WHERE id = :id AND fence = :fence AND state = 'running'",
      now, fence.run(), fence.number());
}

void tell(store::Tx& tx, const Fence& fence, const Report& so_far) {
  // An armed one has begun, too: the ledger is told of that a little later.
  tx.exec(
      "UPDATE run SET summary = :summary, counts = :counts WHERE id = :id AND fence = :fence AND state IN ('armed', "
      "'running')",
      so_far.summary, counts_text(so_far), fence.run(), fence.number());
}

bool finish(store::Tx& tx, const Fence& fence, const Ending& ending, Instant now) {
  const auto ended = tx.one<std::string, bool>(
      "UPDATE run SET state = 'done', finished = :now, outcome = :outcome, error = :error, "
      "summary = COALESCE(NULLIF(:summary, ''), summary), counts = COALESCE(NULLIF(:counts, '{}'), counts) "
      "WHERE id = :id AND fence = :fence AND state = 'running' RETURNING job, dry_run",
      now, to_text(ending.outcome), ending.error, ending.report.summary, counts_text(ending.report), fence.run(),
      fence.number());
  if (!ended) return false;
  const auto& [job, dry_run] = *ended;
  if (dry_run) return true;  // the job has done nothing
  if (ending.outcome == Outcome::ok) {
    tx.exec("UPDATE job SET last_completion = :now, last_success = :success WHERE name = :name", now, now, job);
  } else {
    tx.exec("UPDATE job SET last_completion = :now WHERE name = :name", now, job);
  }
  return true;
}

void cancel(store::Tx& tx, std::int64_t id, const std::string& why, Instant now) {
  tx.exec(
      "UPDATE run SET state = 'done', finished = :now, outcome = 'cancelled', error = :why "
      "WHERE id = :id AND state IN ('queued', 'armed')",
      now, why, id);
}

void renew_lease(store::Tx& tx, const std::string& owner, Millis lease) {
  tx.exec(
      "INSERT INTO daemon (owner, lease_until) VALUES (:owner, :until) "
      "ON CONFLICT (owner) DO UPDATE SET lease_until = excluded.lease_until",
      owner, tx.lease_now() + lease);
}

void end_lease(store::Tx& tx, const std::string& owner) { tx.exec("DELETE FROM daemon WHERE owner = :owner", owner); }

std::vector<RunRow> orphans(store::Tx& tx, const std::string& self) {
  if (tx.engine() == store::Engine::sqlite) {
    return rows(tx, select("WHERE state <> 'done' AND owner <> :self ORDER BY id"), self);
  }
  return rows(tx,
              select("WHERE state <> 'done' AND owner <> :self AND NOT EXISTS (SELECT 1 FROM daemon "
                     "WHERE daemon.owner = run.owner AND daemon.lease_until > :now) ORDER BY id"),
              self, tx.lease_now());
}

bool declare_lost(store::Tx& tx, const RunRow& orphan, Instant now) {
  const Ending ending{.outcome = Outcome::lost, .report = {}, .error = "its daemon " + orphan.owner + " died"};
  return finish(tx, Fence(orphan.id, orphan.fence), ending, now);
}

void take_over(store::Tx& tx, std::int64_t id, const std::string& owner) {
  tx.exec("UPDATE run SET owner = :owner WHERE id = :id AND state = 'queued'", owner, id);
}

std::string arguments_text(const Arguments& arguments) {
  json::Writer writer;
  writer.object([&] {
    for (const auto& [name, value] : arguments) writer.member(name, value);
  });
  return writer.take();
}

Arguments parse_arguments(const std::string& text) {
  const auto document = json::Document::parse(text, "arguments of a run");
  Arguments out;
  for (const auto& [name, value] : document.root().members()) out.emplace(name, value.string());
  return out;
}

}  // namespace supportd::run::runs
