#include "daemon/control/series.hpp"

#include <algorithm>

#include "daemon/store/facts.hpp"

namespace supportd::control {
namespace {

double seconds(Instant at) { return static_cast<double>(time::to_millis(at)) / 1000; }

using What = outbox::Outcome::What;

constexpr What all_outcomes[] = {What::sent, What::found, What::absent, What::cannot_tell, What::failed};

const char* to_text(What what) {
  switch (what) {
    case What::sent: return "sent";
    case What::found: return "found";
    case What::absent: return "absent";
    case What::cannot_tell: return "cannot_tell";
    case What::failed: return "failed";
  }
  return "failed";
}

observe::Counter& calls(observe::Metrics& metrics, const std::string& channel, What what) {
  return metrics.counter("supportd_outbox_calls_total", "Calls by the outbox, by channel and what came of them.",
                         {{"channel", channel}, {"outcome", to_text(what)}});
}

observe::Histogram& transactions(observe::Metrics& metrics, const char* operation) {
  return metrics.histogram("supportd_db_query_duration_seconds",
                           "Time of a transaction, from when it was asked for until it was committed or undone.",
                           observe::short_seconds(), {{"operation", operation}});
}

observe::Gauge& connections(observe::Metrics& metrics, const char* state) {
  return metrics.gauge("supportd_db_connections", "Connections to the database, by state (lent, idle).",
                       {{"state", state}});
}

observe::Histogram& lag(observe::Metrics& metrics, const std::string& channel) {
  return metrics.histogram("supportd_sync_lag_seconds",
                           "Time from a change in one system until it was written to the other.",
                           {1, 5, 15, 30, 60, 120, 300, 900, 3'600, 14'400, 86'400}, {{"system", channel}});
}

}  // namespace

void count_requests(http::ServerHooks& hooks, observe::Metrics& metrics) {
  auto& in_flight = metrics.gauge("supportd_http_requests_in_flight", "HTTP requests being served now.");
  auto& open = metrics.gauge("supportd_http_connections", "Open connections to the HTTP server.");
  hooks.in_flight = [&in_flight](int change) { in_flight.Increment(change); };
  hooks.connections = [&open](int change) { open.Increment(change); };
  auto& size = metrics.histogram("supportd_http_response_size_bytes", "Size of the bodies of HTTP responses.",
                                 {100, 1'000, 10'000, 100'000, 1'000'000, 10'000'000});
  hooks.answered = [&metrics, &size](const http::Answered& answered) {
    const std::string by(answered.method), at(answered.route);
    size.Observe(static_cast<double>(answered.bytes));
    metrics
        .counter("supportd_http_requests_total", "HTTP requests served, by method, route template and status code.",
                 {{"method", by}, {"route", at}, {"code", std::to_string(answered.status)}})
        .Increment();
    metrics
        .histogram("supportd_http_request_duration_seconds", "Time to serve an HTTP request.",
                   {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10}, {{"method", by}, {"route", at}})
        .Observe(answered.seconds);
  };
}

void watch_ledger(observe::Metrics& metrics, store::Ledger& ledger) {
  auto& size = metrics.gauge("supportd_db_size_bytes", "Size of the database.");
  auto& log = metrics.gauge("supportd_db_wal_size_bytes", "Size of the write-ahead log.");
  auto& waiting = metrics.gauge("supportd_db_writes_waiting", "Transactions waiting for the ledger's writer.");
  auto& commits = metrics.counter("supportd_db_commits_total", "Commits of the ledger.");
  auto& bodies =
      metrics.counter("supportd_db_transactions_total", "Transactions written, several of which may share one commit.");
  ledger.when_done([&read = transactions(metrics, "read"), &write = transactions(metrics, "write")](
                       bool wrote, double length) { (wrote ? write : read).Observe(length); });
  auto& lent = connections(metrics, "lent");
  auto& idle = connections(metrics, "idle");
  metrics.gauge("supportd_db_connections_limit", "Largest number of connections to the database.")
      .Set(ledger.figures().most_connections);
  auto& repeats =
      metrics.counter("supportd_db_repeats_total", "Transactions repeated because of a conflict with another.");
  metrics.on_scrape([&ledger, &log, &waiting, &commits, &bodies, &repeats, &lent, &idle] {
    const auto figures = ledger.figures();
    log.Set(static_cast<double>(figures.wal_bytes));
    waiting.Set(static_cast<double>(figures.waiting));
    lent.Set(figures.connections_lent);
    idle.Set(figures.connections_idle);
    observe::raise_to(commits, static_cast<double>(figures.commits));
    observe::raise_to(bodies, static_cast<double>(figures.bodies));
    observe::raise_to(repeats, static_cast<double>(figures.repeats));
  });
  auto& backup = metrics.gauge("supportd_db_last_backup_success_timestamp_seconds",
                               "Unix time of the last verified backup, 0 when there is none.");
  metrics.on_scrape([&metrics, &ledger, &size, &backup] {
    const auto facts = store::facts(ledger);
    size.Set(static_cast<double>(facts.size_bytes));
    backup.Set(seconds(facts.last_backup));
    for (const auto& [slice, number] : facts.schema) {
      metrics.gauge("supportd_db_schema_version", "Number of the last migration applied, by slice.", {{"slice", slice}})
          .Set(static_cast<double>(number));
    }
  });
}

void watch_outbox(observe::Metrics& metrics, store::Ledger& ledger, const outbox::Outbox& outbox) {
  metrics.on_scrape([&metrics, &ledger, &outbox] {
    std::map<std::string, std::map<outbox::State, std::int64_t>> counts;
    std::map<std::string, Instant> oldest;
    std::vector<outbox::Hold> holds;
    ledger.read([&](store::Tx& tx) {
      counts = outbox.counts(tx);
      oldest = outbox.oldest_open(tx);
      holds = outbox.holds(tx);
    });
    for (const auto& channel : outbox.channels()) counts.try_emplace(channel);
    for (auto& [channel, states] : counts) {
      for (const What what : all_outcomes) calls(metrics, channel, what);
      lag(metrics, channel);
      for (const auto& [state, count] : states) {
        metrics
            .gauge("supportd_outbox_effects", "Effects that are not done, by channel and state.",
                   {{"channel", channel}, {"state", std::string(to_text(state))}})
            .Set(static_cast<double>(count));
      }
      metrics
          .gauge("supportd_outbox_oldest_open_timestamp_seconds",
                 "Unix time at which the oldest open effect was owed, 0 when none is open.", {{"channel", channel}})
          .Set(oldest.contains(channel) ? seconds(oldest[channel]) : 0);
      const bool held = std::ranges::any_of(holds, [&](const auto& hold) { return hold.channel == channel; });
      metrics.gauge("supportd_outbox_held", "1 while the channel is held.", {{"channel", channel}}).Set(held);
    }
  });
}

void watch_budgets(observe::Metrics& metrics, const http::Budgets& budgets) {
  metrics.on_scrape([&metrics, &budgets] {
    for (const auto& budget : budgets.snapshot()) {
      const observe::Labels labels{{"budget", budget.rule.name}};
      const auto gauge = [&](const char* name, const char* help) -> observe::Gauge& {
        return metrics.gauge(name, help, labels);
      };
      if (budget.rule.count > 0) {
        gauge("supportd_integration_budget_free_ratio", "Share of the budget's calls that may leave now, 0 to 1.")
            .Set(static_cast<double>(budget.available) / budget.rule.count);
      }
      gauge("supportd_integration_budget_in_flight", "Calls under way that draw on the budget.").Set(budget.in_flight);
      gauge("supportd_integration_budget_waiting", "Calls that wait for the budget.").Set(budget.waiting);
      gauge("supportd_integration_budget_paused", "1 while the far side wants no calls.")
          .Set(budget.paused_until.has_value());
    }
  });
}

void watch_phase(observe::Metrics& metrics, const Parts& parts) {
  auto& ready =
      metrics.gauge("supportd_ready", "1 when the daemon has started, can use its ledger and is not stopping.");
  metrics.on_scrape([&ready, &parts] { ready.Set(parts.phase == Phase::ready && parts.trouble().empty()); });
}

ReloadSeries::ReloadSeries(observe::Metrics& metrics)
    : successful_(metrics.gauge("supportd_config_last_reload_successful",
                                "1 when the last configuration load succeeded, else 0.")),
      last_success_(metrics.gauge("supportd_config_last_reload_success_timestamp_seconds",
                                  "Unix time of the last successful configuration load.")) {}

void ReloadSeries::loaded(Instant now) {
  successful_.Set(1);
  last_success_.Set(seconds(now));
}

void count_effect(observe::Metrics& metrics, const outbox::Report& report, Instant now) {
  const outbox::Effect& effect = report.lease.effect;
  calls(metrics, effect.channel, report.outcome.what).Increment();
  const bool is_there = report.outcome.what == What::sent || report.outcome.what == What::found;
  if (is_there) lag(metrics, effect.channel).Observe(std::max(seconds(now) - seconds(effect.caused_at), 0.0));
}

}  // namespace supportd::control
