#include "daemon/run/deadlines.hpp"

#include <algorithm>

#include "daemon/run/backoff.hpp"
#include "daemon/run/each.hpp"

namespace supportd::run {
namespace {

using namespace std::chrono_literals;

constexpr Millis horizon = 10min;
// Other daemons may arm and die. An SQLite ledger has no others, and reading ahead in time is all there is to do.
constexpr Millis reload_shared = 1min;
constexpr Millis reload_alone = 9min;
constexpr std::size_t most_a_transaction = 500;
// Between a commit and its alarm lie moments in which a row is not known yet.
constexpr Millis grace = 1s;
// Of one kind, in memory. Reached only after a long downtime.
constexpr long long most_near = 20'000;
constexpr Backoff after_failure{.base = 1s, .cap = 10min};

const store::Migration schema{.slice = "deadline", .number = 1, .sql = R"(
CREATE TABLE deadline (
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  fire_at BIGINT NOT NULL,
  version BIGINT NOT NULL,
  attempts BIGINT NOT NULL,
  PRIMARY KEY (kind, key));
CREATE INDEX deadline_due ON deadline (kind, fire_at))"};

double seconds(Millis length) { return std::chrono::duration<double>(length).count(); }

}  // namespace

std::vector<store::Migration> Deadlines::migrations() { return {schema}; }

Deadlines::Deadlines(store::Ledger& ledger, observe::Log& log, observe::Metrics& metrics)
    : ledger_(ledger), log_(log), metrics_(metrics) {}

void Deadlines::on(const std::string& kind, Handler handler) {
  const auto counter = [&](const char* result) {
    return &metrics_.counter("supportd_deadlines_fired_total", "Deadlines fired, by kind and result (ok, failed).",
                             {{"kind", kind}, {"result", result}});
  };
  auto& lateness = metrics_.histogram("supportd_deadline_lateness_seconds",
                                      "Time from the instant of a deadline until it was acted upon.",
                                      observe::short_seconds(), {{"kind", kind}});
  auto& missed = metrics_.counter("supportd_deadlines_missed_total",
                                  "Deadlines that were due and had no timer: found by the scan that checks them.",
                                  {{"kind", kind}});
  kinds_.emplace(kind, Kind{std::move(handler), counter("ok"), counter("failed"), &lateness, &missed});
}

void Deadlines::arm(store::Tx& tx, std::string_view kind, std::string_view key, Instant at) {
  if (at == time::never) return disarm(tx, kind, key);
  const auto version = tx.one<std::int64_t>(
      "INSERT INTO deadline (kind, key, fire_at, version, attempts) VALUES (:kind, :key, :at, 1, 0) "
      "ON CONFLICT (kind, key) DO UPDATE SET fire_at = excluded.fire_at, version = deadline.version + 1, attempts = 0 "
      "RETURNING version",
      kind, key, at);
  tx.after_commit([this, alarm = Alarm{at, std::string(kind), std::string(key), *version}] { add(alarm); });
}

void Deadlines::disarm(store::Tx& tx, std::string_view kind, std::string_view key) {
  tx.exec("DELETE FROM deadline WHERE kind = :kind AND key = :key", kind, key);
}

std::vector<std::pair<std::string, Instant>> Deadlines::armed(store::Tx& tx, std::string_view kind, Instant until,
                                                              int most) const {
  std::vector<std::pair<std::string, Instant>> out;
  tx.each<std::string, Instant>(
      "SELECT key, fire_at FROM deadline WHERE kind = :kind AND fire_at <= :until ORDER BY fire_at, key LIMIT :most",
      [&](auto row) { out.emplace_back(std::move(std::get<0>(row)), std::get<1>(row)); }, kind, until, most);
  return out;
}

std::vector<Deadlines::Move> Deadlines::moves(store::Tx& tx, const config::Config& fresh, Instant now) const {
  std::vector<Move> out;
  for (const Moves& ask : moves_) {
    for (Move& move : ask(tx, fresh, now)) {
      if (move.before != move.after) out.push_back(std::move(move));
    }
  }
  std::ranges::stable_sort(out, {}, &Move::after);
  return out;
}

void Deadlines::move(store::Tx& tx, const std::vector<Move>& moves) {
  for (const Move& move : moves) arm(tx, move.kind, move.key, move.after);
}

void Deadlines::add(Alarm alarm) {
  {
    const std::lock_guard lock(mutex_);
    if (alarm.at >= known_until_ || !kinds_.contains(alarm.kind)) return;
    const bool earliest = alarms_.empty() || alarm.at < alarms_.begin()->at;
    alarms_.insert(std::move(alarm));
    if (!earliest) return;
  }
  if (wake_) wake_();
}

std::optional<Instant> Deadlines::next() const {
  if (kinds_.empty()) return {};
  const std::lock_guard lock(mutex_);
  return alarms_.empty() ? reload_at_ : std::min(reload_at_, alarms_.begin()->at);
}

std::size_t Deadlines::near() const {
  const std::lock_guard lock(mutex_);
  return alarms_.size();
}

void Deadlines::reload(Instant now) {
  Instant until = now + horizon;
  Instant known_before{};
  {
    // From here on arm() adds what it commits, so that nothing falls between this and the reading below.
    const std::lock_guard lock(mutex_);
    known_before = std::exchange(known_until_, until);
  }
  std::vector<Alarm> found;
  ledger_.read([&](store::Tx& tx) {
    for (const auto& [kind, unused] : kinds_) {
      long long rows = 0;
      tx.each<std::string, Instant, std::int64_t>(
          "SELECT key, fire_at, version FROM deadline WHERE kind = :kind AND fire_at < :until "
          "ORDER BY fire_at, key LIMIT :most",
          [&](auto row) {
            found.push_back({std::get<1>(row), kind, std::move(std::get<0>(row)), std::get<2>(row)});
            ++rows;
          },
          kind, until, most_near);
      if (rows == most_near) until = std::min(until, found.back().at);
    }
  });
  const Millis period = ledger_.engine() == store::Engine::sqlite ? reload_alone : reload_shared;
  const std::lock_guard lock(mutex_);
  count_missed(found, known_before, now);
  for (Alarm& alarm : found) alarms_.insert(std::move(alarm));
  reload_at_ = std::min(now + period, std::max(until, now + 1ms));
}

void Deadlines::count_missed(const std::vector<Alarm>& found, Instant known_until, Instant now) const {
  for (const Alarm& alarm : found) {
    if (alarm.at >= known_until || alarm.at + grace > now || alarms_.contains(alarm)) continue;
    kinds_.at(alarm.kind).missed->Increment();
    log_.error("deadline had no timer, it is late",
               {{"kind", alarm.kind}, {"key", alarm.key}, {"fire_at", alarm.at}, {"now", now}});
  }
}

std::vector<Deadlines::Alarm> Deadlines::take_due(Instant now) {
  const std::lock_guard lock(mutex_);
  std::vector<Alarm> out;
  while (!alarms_.empty() && alarms_.begin()->at <= now && out.size() < most_a_transaction) {
    out.push_back(std::move(alarms_.extract(alarms_.begin()).value()));
  }
  return out;
}

std::size_t Deadlines::fire(Instant now) {
  if (kinds_.empty()) return 0;
  bool stale = false;
  {
    const std::lock_guard lock(mutex_);
    const bool any_due = !alarms_.empty() && alarms_.begin()->at <= now;
    stale = now >= reload_at_ && !any_due;
  }
  if (stale) reload(now);
  const std::vector<Alarm> batch = take_due(now);
  if (batch.empty()) return 0;
  struct GiveBack {
    Deadlines& all;
    const std::vector<Alarm>& batch;
    bool needed = true;
    ~GiveBack() {
      if (!needed) return;
      const std::lock_guard lock(all.mutex_);
      all.alarms_.insert(batch.begin(), batch.end());
    }
  } give_back{*this, batch};
  // Before a bulk load that waits, too: nothing is late because something else is long.
  const auto claims = ledger_.write([&](store::Tx& tx) { return fire(tx, batch, now); }, store::WritePriority::urgent);
  give_back.needed = false;
  account(claims, now);
  return batch.size();
}

std::vector<Deadlines::Claim> Deadlines::fire(store::Tx& tx, const std::vector<Alarm>& batch, Instant now) {
  std::vector<Claim> claims;
  each(
      batch,
      [&](const Alarm& alarm) {
        // One at a time: a handler may disarm what comes after it.
        const auto attempts = tx.one<std::int64_t>(
            "DELETE FROM deadline WHERE kind = :kind AND key = :key AND version = :version AND fire_at = :at "
            "RETURNING attempts",
            alarm.kind, alarm.key, alarm.version, alarm.at);
        if (!attempts) return;
        claims.push_back({&alarm, *attempts, {}});
        tx.attempt([&] { kinds_.at(alarm.kind).handler(tx, alarm.key, alarm.at, now); });
      },
      [&](const Alarm& alarm, const std::exception& error) {
        const bool claimed = !claims.empty() && claims.back().alarm == &alarm;
        if (!claimed) throw;  // the ledger failed, not the handler
        claims.back().failure = error.what();
        put_back(tx, claims.back(), now);
      });
  return claims;
}

void Deadlines::put_back(store::Tx& tx, Claim& claim, Instant now) {
  const Alarm& alarm = *claim.alarm;
  const std::int64_t attempts = claim.attempts + 1;
  const Instant at = now + delay_after(static_cast<int>(attempts), after_failure, std::hash<std::string>{}(alarm.key));
  const std::int64_t version = alarm.version + 1;
  tx.exec(
      "INSERT INTO deadline (kind, key, fire_at, version, attempts) VALUES (:kind, :key, :at, :version, :attempts) "
      "ON CONFLICT DO NOTHING",
      alarm.kind, alarm.key, at, version, attempts);
  tx.after_commit([this, again = Alarm{at, alarm.kind, alarm.key, version}] { add(again); });
}

void Deadlines::account(const std::vector<Claim>& claims, Instant now) {
  for (const Claim& claim : claims) {
    const Kind& kind = kinds_.at(claim.alarm->kind);
    kind.lateness->Observe(seconds(std::max(now - claim.alarm->at, Millis{0})));
    if (claim.failure.empty()) {
      kind.fired->Increment();
    } else {
      kind.failed->Increment();
      log_.error("deadline failed, it comes back", {{"kind", claim.alarm->kind},
                                                    {"key", claim.alarm->key},
                                                    {"fire_at", claim.alarm->at},
                                                    {"attempt", claim.attempts + 1},
                                                    {"error", claim.failure}});
    }
  }
}

}  // namespace supportd::run
