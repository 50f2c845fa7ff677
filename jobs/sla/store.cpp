#include "jobs/sla/store.hpp"

#include <algorithm>
#include <tuple>

#include "jobs/tickets/links.hpp"

namespace supportd::sla {
namespace {

using store::Tx;
using tickets::TicketId;

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

Passed::State passed_state_of(const std::string& text) {
  for (const auto state : {Passed::State::provisional, Passed::State::confirmed, Passed::State::withdrawn}) {
    if (to_text(state) == text) return state;
  }
  throw Error(ErrorKind::corrupt, "ledger: unknown state of a threshold: " + text);
}

Metric metric_of(const std::string& text) {
  const auto metric = parse_metric(text);
  if (!metric) throw Error(ErrorKind::corrupt, "ledger: unknown metric: " + text);
  return *metric;
}

auto key_of(const Row& row) { return std::tuple(row.ticket, row.metric, row.instance); }

template <class... A>
std::vector<Row> select_rows(Tx& tx, const std::string& tail, const A&... args) {
  std::vector<Row> out;
  tx.each<TicketId, std::string, int, std::string, std::string, Instant, std::optional<Instant>, std::optional<Instant>,
          std::optional<Instant>>(
      "SELECT ticket, metric, instance, state, policy, started, due, ended, breached FROM sla_clock " + tail,
      [&](auto row) {
        auto& [ticket, metric, instance, state, policy, started, due, ended, breached] = row;
        out.push_back(
            {ticket, metric_of(metric), instance, state_of(state), std::move(policy), started, due, ended, breached});
      },
      args...);
  return out;
}

constexpr std::int64_t all_tickets = 0;

}  // namespace

std::vector<store::Migration> schema() {
  return {{.slice = "sla", .number = 1, .sql = R"(
CREATE TABLE sla_rules (version BIGINT PRIMARY KEY, from_at BIGINT NOT NULL, adopted BIGINT NOT NULL,
  body TEXT NOT NULL);
CREATE TABLE sla_sweep (version BIGINT PRIMARY KEY, near BIGINT NOT NULL, after BIGINT NOT NULL);
CREATE TABLE sla_clock (ticket BIGINT NOT NULL, metric TEXT NOT NULL, instance BIGINT NOT NULL, state TEXT NOT NULL,
  policy TEXT NOT NULL, started BIGINT NOT NULL, due BIGINT, ended BIGINT, breached BIGINT,
  PRIMARY KEY (ticket, metric, instance));
CREATE INDEX sla_clock_due ON sla_clock (due, ticket) WHERE ended IS NULL;
CREATE TABLE sla_threshold (id {id}, ticket BIGINT NOT NULL, metric TEXT NOT NULL, instance BIGINT NOT NULL,
  target BIGINT NOT NULL, percent BIGINT NOT NULL, at BIGINT NOT NULL, recorded BIGINT NOT NULL, state TEXT NOT NULL,
  settled BIGINT NOT NULL, note TEXT NOT NULL, UNIQUE (ticket, metric, instance, target, percent));
CREATE INDEX sla_threshold_open ON sla_threshold (at) WHERE state = 'provisional';
CREATE TABLE sla_known (ticket BIGINT NOT NULL, system TEXT NOT NULL, until BIGINT NOT NULL,
  PRIMARY KEY (ticket, system));
)"},
          // A target by the wall is another than one of as much open time.
          {.slice = "sla", .number = 2, .sql = R"(
ALTER TABLE sla_threshold RENAME TO sla_threshold_1;
DROP INDEX sla_threshold_open;
CREATE TABLE sla_threshold (id {id}, ticket BIGINT NOT NULL, metric TEXT NOT NULL, instance BIGINT NOT NULL,
  target BIGINT NOT NULL, by_the_wall BIGINT NOT NULL, percent BIGINT NOT NULL, at BIGINT NOT NULL,
  recorded BIGINT NOT NULL, state TEXT NOT NULL, settled BIGINT NOT NULL, note TEXT NOT NULL,
  UNIQUE (ticket, metric, instance, target, by_the_wall, percent));
INSERT INTO sla_threshold (ticket, metric, instance, target, by_the_wall, percent, at, recorded, state, settled, note)
  SELECT ticket, metric, instance, target, -1, percent, at, recorded, state, settled, note FROM sla_threshold_1
  ORDER BY id;
DROP TABLE sla_threshold_1;
CREATE INDEX sla_threshold_open ON sla_threshold (at) WHERE state = 'provisional';
ALTER TABLE sla_sweep ADD COLUMN since BIGINT;
)"}};
}

std::vector<Row> rows_of(const std::vector<Clock>& clocks, TicketId ticket, Instant now) {
  std::vector<Row> out;
  for (const Clock& it : clocks) {
    if (it.promises.empty() && it.breaches.empty()) continue;
    std::optional<Instant> breached;
    for (const Threshold& one : it.thresholds) {
      if (one.percent == 100 && one.at <= now) breached = std::min(breached.value_or(one.at), one.at);
    }
    out.push_back({ticket, it.metric, it.instance, it.state, it.policy, it.started, it.due, it.ended, breached});
  }
  return out;
}

std::vector<Row> rows_of(Tx& tx, TicketId first, TicketId last) {
  auto out = select_rows(tx, "WHERE ticket BETWEEN :first AND :last", first, last);
  std::ranges::sort(out, {}, key_of);
  return out;
}

void save(Tx& tx, std::span<const Row> before, std::span<const Row> after) {
  for (const Row& row : after) {
    const auto known = std::ranges::find(before, key_of(row), key_of);
    if (known != before.end() && *known == row) continue;
    tx.exec(
        "INSERT INTO sla_clock (ticket, metric, instance, state, policy, started, due, ended, breached) VALUES "
        "(:ticket, :metric, :instance, :state, :policy, :started, :due, :ended, :breached) ON CONFLICT (ticket, "
        "metric, instance) DO UPDATE SET state = excluded.state, policy = excluded.policy, started = excluded.started, "
        "due = excluded.due, ended = excluded.ended, breached = excluded.breached",
        row.ticket, to_text(row.metric), row.instance, to_text(row.state), row.policy, row.started, row.due, row.ended,
        row.breached);
  }
  // A correction may have taken a clock back, and other rules what it promises.
  for (const Row& row : before) {
    if (std::ranges::find(after, key_of(row), key_of) != after.end()) continue;
    tx.exec("DELETE FROM sla_clock WHERE ticket = :ticket AND metric = :metric AND instance = :instance", row.ticket,
            to_text(row.metric), row.instance);
  }
}

std::vector<Row> next_due(Tx& tx, int most) {
  return select_rows(tx, "WHERE ended IS NULL AND due IS NOT NULL ORDER BY due, ticket, metric, instance LIMIT :most",
                     most);
}

std::string_view to_text(Passed::State state) {
  switch (state) {
    case Passed::State::provisional: return "provisional";
    case Passed::State::confirmed: return "confirmed";
    case Passed::State::withdrawn: return "withdrawn";
  }
  return "";
}

std::string to_text(const Passed& it) {
  return std::string(to_text(it.metric)) + (it.instance > 1 ? " " + std::to_string(it.instance) : "") + " " +
         std::to_string(it.percent) + " % of " + to_text(it.target);
}

std::vector<Passed> passed_of(Tx& tx, TicketId ticket) { return passed_of(tx, ticket, ticket); }

std::vector<Passed> passed_of(Tx& tx, TicketId first, TicketId last) {
  std::vector<Passed> out;
  tx.each<TicketId, std::string, int, std::int64_t, int, int, Instant, Instant, std::string, Instant, std::string>(
      "SELECT ticket, metric, instance, target, by_the_wall, percent, at, recorded, state, settled, note FROM "
      "sla_threshold WHERE ticket BETWEEN :first AND :last ORDER BY ticket, at, metric, instance, percent, target, "
      "by_the_wall",
      [&](auto row) {
        auto& [ticket, metric, instance, target, by_the_wall, percent, at, recorded, state, settled, note] = row;
        out.push_back({passed_state_of(state),
                       ticket,
                       metric_of(metric),
                       instance,
                       {Millis{target}, by_the_wall > 0},
                       percent,
                       at,
                       recorded,
                       settled,
                       std::move(note),
                       by_the_wall < 0});
      },
      first, last);
  return out;
}

void add(Tx& tx, const Passed& it) {
  tx.exec(
      "INSERT INTO sla_threshold (ticket, metric, instance, target, by_the_wall, percent, at, recorded, state, "
      "settled, note) VALUES (:ticket, :metric, :instance, :target, :by_the_wall, :percent, :at, :recorded, :state, "
      ":settled, :note)",
      it.ticket, to_text(it.metric), it.instance, it.target.length.count(), it.target.by_the_wall, it.percent, it.at,
      it.recorded, to_text(it.state), it.settled, it.note);
}

void update(Tx& tx, const Passed& it) {
  tx.exec(
      "UPDATE sla_threshold SET state = :state, at = :at, recorded = :recorded, settled = :settled, note = :note WHERE "
      "ticket = :ticket AND metric = :metric AND instance = :instance AND target = :target AND by_the_wall = "
      ":by_the_wall AND percent = :percent",
      to_text(it.state), it.at, it.recorded, it.settled, it.note, it.ticket, to_text(it.metric), it.instance,
      it.target.length.count(), it.target.by_the_wall, it.percent);
}

void tell_measure(Tx& tx, const Passed& it, bool by_the_wall) {
  tx.exec(
      "UPDATE sla_threshold SET by_the_wall = :is WHERE ticket = :ticket AND metric = :metric AND instance = :instance "
      "AND target = :target AND by_the_wall = -1 AND percent = :percent",
      by_the_wall, it.ticket, to_text(it.metric), it.instance, it.target.length.count(), it.percent);
}

std::optional<Instant> provisional_since(Tx& tx, TicketId ticket) {
  return tx.one<Instant>(
      "SELECT recorded FROM sla_threshold WHERE ticket = :ticket AND state = 'provisional' ORDER BY recorded LIMIT 1",
      ticket);
}

std::vector<TicketId> provisional_at(Tx& tx, const std::string& system, Instant until, int most) {
  return tx.all<TicketId>(
      "SELECT DISTINCT s.ticket FROM sla_threshold s JOIN link l ON l.ticket = s.ticket WHERE s.state = 'provisional' "
      "AND s.at <= :until AND l.system = :system ORDER BY s.ticket LIMIT :most",
      until, system, most);
}

void note_known(Tx& tx, const std::string& system, std::optional<TicketId> ticket, Instant until) {
  tx.exec(
      "INSERT INTO sla_known (ticket, system, until) VALUES (:ticket, :system, :until) ON CONFLICT (ticket, system) DO "
      "UPDATE SET until = CASE WHEN excluded.until > sla_known.until THEN excluded.until ELSE sla_known.until END",
      ticket.value_or(TicketId{all_tickets}), system, until);
}

Known known_of(Tx& tx, TicketId ticket) {
  Known out{time::never, ""};
  for (const tickets::Link& link : tickets::links_of(tx, ticket)) {
    if (link.state != "live") continue;
    Instant until{};
    tx.each<Instant>(
        "SELECT until FROM sla_known WHERE system = :system AND ticket IN (0, :ticket)",
        [&](Instant it) { until = std::max(until, it); }, link.system, ticket);
    if (until < out.until) out = {until, link.system};
  }
  return out;
}

void forget_known(Tx& tx, TicketId ticket) { tx.exec("DELETE FROM sla_known WHERE ticket = :ticket", ticket); }

}  // namespace supportd::sla
