#include "jobs/sla/store.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace supportd::sla {
namespace {

using store::Tx;

// What is kept of a clock.
struct Row {
  State state = State::running;
  std::string policy;
  std::optional<Instant> due, ended, breached;
  int rules = 0;
  friend bool operator==(const Row&, const Row&) = default;
};
using Key = std::pair<std::string, int>;

std::optional<State> parse_state(std::string_view text) {
  for (const State state : {State::running, State::paused, State::fulfilled, State::cancelled}) {
    if (to_text(state) == text) return state;
  }
  return {};
}

State state_of(const std::string& text) {
  const auto state = parse_state(text);
  if (!state) throw Error(ErrorKind::corrupt, "ledger: unknown state of a clock: " + text);
  return *state;
}

Metric metric_of(const std::string& text) {
  const auto metric = parse_metric(text);
  if (!metric) throw Error(ErrorKind::corrupt, "ledger: unknown metric: " + text);
  return *metric;
}

std::map<Key, Row> rows_of(Tx& tx, tickets::TicketId ticket) {
  std::map<Key, Row> out;
  tx.each<std::string, int, std::string, std::string, std::optional<Instant>, std::optional<Instant>,
          std::optional<Instant>, int>(
      "SELECT metric, instance, state, policy, due, ended, breached, rules FROM sla_clock WHERE ticket = :ticket",
      [&](auto row) {
        auto& [metric, instance, state, policy, due, ended, breached, rules] = row;
        out[{metric, instance}] = {state_of(state), std::move(policy), due, ended, breached, rules};
      },
      ticket);
  return out;
}

Row row_of(const Clock& clock, int rules) {
  const auto breached = clock.breaches.empty() ? std::nullopt : std::optional(clock.breaches.front().at);
  return {clock.state, clock.policy, clock.due, clock.ended, breached, rules};
}

}  // namespace

std::vector<store::Migration> schema() {
  return {{.slice = "sla", .number = 1, .sql = R"(
CREATE TABLE sla_rules (version BIGINT PRIMARY KEY, from_at BIGINT NOT NULL, body TEXT NOT NULL);
CREATE TABLE sla_clock (ticket BIGINT NOT NULL, metric TEXT NOT NULL, instance BIGINT NOT NULL, state TEXT NOT NULL,
  policy TEXT NOT NULL, started BIGINT NOT NULL, due BIGINT, ended BIGINT, breached BIGINT, rules BIGINT NOT NULL,
  PRIMARY KEY (ticket, metric, instance));
CREATE INDEX sla_clock_due ON sla_clock (due) WHERE ended IS NULL;
CREATE INDEX sla_clock_rules ON sla_clock (rules, due) WHERE ended IS NULL;
CREATE TABLE sla_threshold (id {id}, ticket BIGINT NOT NULL, metric TEXT NOT NULL, instance BIGINT NOT NULL,
  target BIGINT NOT NULL, percent BIGINT NOT NULL, at BIGINT NOT NULL, recorded BIGINT NOT NULL, state TEXT NOT NULL,
  settled BIGINT NOT NULL, note TEXT NOT NULL, UNIQUE (ticket, metric, instance, target, percent));
)"}};
}

void save_clocks(Tx& tx, tickets::TicketId ticket, const std::vector<Clock>& clocks, int rules) {
  auto before = rows_of(tx, ticket);
  for (const Clock& clock : clocks) {
    const Key key{std::string(to_text(clock.metric)), clock.instance};
    const Row row = row_of(clock, rules);
    const auto known = before.find(key);
    const bool is_new = known == before.end();
    const bool is_same = !is_new && known->second == row;
    if (!is_new) before.erase(known);
    if (is_same) continue;
    tx.exec(
        "INSERT INTO sla_clock (ticket, metric, instance, state, policy, started, due, ended, breached, rules) VALUES "
        "(:ticket, :metric, :instance, :state, :policy, :started, :due, :ended, :breached, :rules) ON CONFLICT "
        "(ticket, "
        "metric, instance) DO UPDATE SET state = excluded.state, policy = excluded.policy, started = excluded.started, "
        "due = excluded.due, ended = excluded.ended, breached = excluded.breached, rules = excluded.rules",
        ticket, key.first, clock.instance, to_text(row.state), row.policy, clock.started, row.due, row.ended,
        row.breached, row.rules);
  }
  // A correction may have taken a clock back.
  for (const auto& [key, row] : before) {
    tx.exec("DELETE FROM sla_clock WHERE ticket = :ticket AND metric = :metric AND instance = :instance", ticket,
            key.first, key.second);
  }
}

std::vector<Due> next_due(Tx& tx, int most) {
  std::vector<Due> out;
  tx.each<tickets::TicketId, std::string, int, std::string, Instant, std::optional<Instant>, std::string>(
      "SELECT ticket, metric, instance, state, due, breached, policy FROM sla_clock WHERE ended IS NULL AND due IS NOT "
      "NULL ORDER BY due, ticket, metric LIMIT :most",
      [&](auto row) {
        auto& [ticket, metric, instance, state, due, breached, policy] = row;
        out.push_back({ticket, metric_of(metric), instance, state_of(state), due, breached, std::move(policy)});
      },
      most);
  return out;
}

std::string_view to_text(Passed::State state) {
  switch (state) {
    case Passed::State::provisional: return "provisional";
    case Passed::State::confirmed: return "confirmed";
    case Passed::State::withdrawn: return "withdrawn";
  }
  return "";
}

std::vector<Passed> passed_of(Tx& tx, tickets::TicketId ticket) {
  std::vector<Passed> out;
  tx.each<std::string, int, std::int64_t, int, Instant, Instant, std::string, Instant, std::string>(
      "SELECT metric, instance, target, percent, at, recorded, state, settled, note FROM sla_threshold WHERE ticket = "
      ":ticket ORDER BY at, metric, instance, percent",
      [&](auto row) {
        auto& [metric, instance, target, percent, at, recorded, state, settled, note] = row;
        Passed it;
        for (const auto one : {Passed::State::provisional, Passed::State::confirmed, Passed::State::withdrawn}) {
          if (to_text(one) == state) it.state = one;
        }
        it.ticket = ticket;
        it.metric = metric_of(metric);
        it.instance = instance;
        it.target = Millis{target};
        it.percent = percent;
        it.at = at;
        it.recorded = recorded;
        it.settled = settled;
        it.note = std::move(note);
        out.push_back(std::move(it));
      },
      ticket);
  return out;
}

}  // namespace supportd::sla
