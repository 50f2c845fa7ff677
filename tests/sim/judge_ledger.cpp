// What a ledger must say for itself once nothing is owed any more.
#include <algorithm>
#include <map>

#include "daemon/run/schedule.hpp"
#include "daemon/store/audit.hpp"
#include "jobs/tickets/kernel.hpp"
#include "tests/sim/judge.hpp"

namespace supportd::sim {
namespace {

using namespace std::chrono_literals;
using Broken = std::vector<std::string>;

// Late by a pause of the process at most, and all its pauses are over.
constexpr Millis late = 5min;

// Nothing is under way, in doubt or parked. What was refused was about something that is gone, a field that the vendor
// would not take, or a resolved case; what waits is owed to an account without a support plan.
void effects_have_ended(Broken& out, store::Tx& tx) {
  tx.each<std::string, std::string, std::string, std::string>(
      "SELECT e.key, e.state, e.kind, e.error FROM effect e WHERE e.state <> 'done' AND NOT (e.state = 'dead' AND "
      "(e.kind = 'state' OR EXISTS (SELECT 1 FROM ticket t WHERE 'ticket:' || t.id = e.subject AND (t.deleted = 1 OR "
      "t.merged_into IS NOT NULL)) OR e.error LIKE '%takes no more communications%')) AND NOT (e.state IN ('queued', "
      "'unknown') AND "
      "e.error LIKE '%SubscriptionRequiredException%') ORDER BY e.id",
      [&](const auto& row) {
        const auto& [key, state, kind, error] = row;
        out.push_back("effect " + key + " (" + kind + ") is " + state + ": " + error);
      });
}

void effects_have_reasons(Broken& out, store::Tx& tx) {
  tx.each<std::string>(
      "SELECT key FROM effect e WHERE NOT EXISTS (SELECT 1 FROM ticket_event v JOIN ticket t ON t.id = v.ticket WHERE "
      "'ticket:' || t.id = e.subject AND v.recorded <= e.created_at) ORDER BY id",
      [&](const std::string& key) { out.push_back("effect " + key + " has no event that is its reason"); });
}

void deadlines_have_fired(Broken& out, store::Tx& tx, Instant now) {
  tx.each<std::string, std::string, Instant>(
      "SELECT kind, key, fire_at FROM deadline WHERE fire_at < :now ORDER BY fire_at",
      [&](const auto& row) {
        const auto& [kind, key, at] = row;
        out.push_back("deadline " + kind + " of " + key + " did not fire at " + time::to_text(at));
      },
      now - late);
}

// How many decisions each nominal time of a job has; a stretch stands for all slots in it.
struct Decisions {
  std::map<Instant, int> runs;
  std::vector<std::pair<Instant, Instant>> stretches;

  int of(Instant slot) const {
    const auto run = runs.find(slot);
    int count = run == runs.end() ? 0 : run->second;
    for (const auto& [from, to] : stretches) count += from <= slot && slot <= to;
    return count;
  }
  Instant first() const {
    Instant out = time::never;
    if (!runs.empty()) out = runs.begin()->first;
    for (const auto& [from, to] : stretches) out = std::min(out, from);
    return out;
  }
};

Decisions decisions_of(store::Tx& tx, const std::string& job) {
  Decisions out;
  tx.each<Instant>(
      "SELECT slot FROM run WHERE job = :job AND slot IS NOT NULL AND attempt = 1 ORDER BY slot",
      [&](Instant slot) { ++out.runs[slot]; }, job);
  tx.each<Instant, Instant>(
      "SELECT from_slot, to_slot FROM skip WHERE job = :job ORDER BY from_slot",
      [&](const auto& row) { out.stretches.emplace_back(std::get<0>(row), std::get<1>(row)); }, job);
  return out;
}

void slots_are_decided_once(Broken& out, store::Tx& tx) {
  const auto jobs = tx.all<std::string, Instant, std::string, std::string>(
      "SELECT j.name, j.decided_until, s.schedule, s.zone FROM job j JOIN job_schedule s ON s.job = j.name AND "
      "s.version = j.version WHERE s.schedule <> '' ORDER BY j.name");
  for (const auto& [job, until, schedule, zone] : jobs) {
    const auto parsed = run::Schedule::parse(schedule, time::Zone::find(zone).value());
    const Decisions decided = decisions_of(tx, job);
    const Instant first = decided.first();
    if (first > until) continue;
    for (auto slot = parsed->next(first - 1ms); slot && slot->at <= until; slot = parsed->next(slot->at)) {
      if (const int count = decided.of(slot->at); count != 1) {
        out.push_back("slot " + time::to_text(slot->at) + " of " + job + " has " + std::to_string(count) +
                      " decisions");
      }
    }
  }
}

void runs_have_ended(Broken& out, store::Tx& tx) {
  tx.each<std::int64_t, std::string>(
      "SELECT id, job FROM run WHERE state = 'running' ORDER BY id", [&](const auto& row) {
        out.push_back("run " + std::to_string(std::get<0>(row)) + " of " + std::get<1>(row) + " has no end");
      });
}

}  // namespace

Broken judge_ledger(store::Ledger& ledger, Instant now, std::map<std::string, std::int64_t>& coverage) {
  Broken out;
  for (auto& flaw : ledger.check()) out.push_back("ledger: " + flaw);
  ledger.read([&](store::Tx& tx) {
    effects_have_ended(out, tx);
    effects_have_reasons(out, tx);
    deadlines_have_fired(out, tx, now);
    slots_are_decided_once(out, tx);
    runs_have_ended(out, tx);
    coverage["quarrel cut"] =
        tx.one<std::int64_t>("SELECT count(*) FROM desk_conflict WHERE winner = 'cut'").value_or(0);
    for (const auto& flaw : store::audit_verify(tx).broken) out.push_back("audit: " + flaw);
  });
  for (const auto ticket : tickets::rebuild(ledger, false)) {
    out.push_back("ticket " + std::to_string(ticket.value) + " of the ledger is not what its events say");
  }
  return out;
}

}  // namespace supportd::sim
