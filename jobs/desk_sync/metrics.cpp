#include "jobs/desk_sync/metrics.hpp"

#include "jobs/desk_sync/operate.hpp"
#include "jobs/desk_sync/verify.hpp"
#include "jobs/tickets/links.hpp"

namespace supportd::desk_sync {
namespace {

constexpr const char* webhook_results[] = {"accepted", "duplicate", "ignored",  "forged",
                                           "stale",    "too_large", "malformed"};

}  // namespace

Metrics::Metrics(observe::Metrics& metrics, store::Ledger& ledger) : metrics_(metrics) {
  metrics_.on_scrape([this, &ledger] { refresh(ledger); });
}

observe::Counter& Metrics::webhooks(const std::string& system, const std::string& result) {
  return metrics_.counter("supportd_sync_webhooks_total", "Webhook deliveries, by desk and what came of them.",
                          {{"system", system}, {"result", result}});
}

observe::Gauge& Metrics::last_read(const std::string& system) {
  return metrics_.gauge("supportd_sync_last_read_timestamp_seconds",
                        "Unix time at which the desk was last read to its end, 0 when not since the start.",
                        {{"system", system}});
}

observe::Gauge& Metrics::conflicts(const std::string& system) {
  return metrics_.gauge("supportd_sync_conflicts",
                        "What both sides had changed, or one does not take from the other, and nobody has looked at.",
                        {{"system", system}});
}

observe::Gauge& Metrics::drift(const std::string& system) {
  return metrics_.gauge("supportd_sync_drift_tickets", "Tickets that differed at the last verification.",
                        {{"system", system}});
}

observe::Gauge& Metrics::statuses(const std::string& system) {
  return metrics_.gauge("supportd_sync_unmapped_statuses",
                        "Statuses of the desk seen since the start that stand in no table.", {{"system", system}});
}

void Metrics::add(const std::string& system) {
  pulled(system, {});
  for (const char* result : webhook_results) webhooks(system, result);
  last_read(system);
  conflicts(system);
  drift(system);
  statuses(system);
}

void Metrics::unmapped(const std::string& system, std::size_t count) {
  statuses(system).Set(static_cast<double>(count));
}

void Metrics::pulled(const std::string& system, const Pulled& pulled) {
  const auto add = [&](const char* result, int times) {
    metrics_
        .counter("supportd_sync_items_total",
                 "Tickets and comments handled by the synchroniser, by remote system, direction and result.",
                 {{"system", system}, {"direction", "pull"}, {"result", result}})
        .Increment(times);
  };
  add("created", pulled.created);
  add("updated", pulled.changes + pulled.messages);
  add("unchanged", pulled.unchanged);
  add("conflict", pulled.conflicts);
  add("failed", pulled.aside);
}

void Metrics::read_to_the_end(const std::string& system, Instant now) {
  last_read(system).Set(static_cast<double>(time::to_millis(now)) / 1'000);
}

void Metrics::heard(const std::string& system, const std::string& result) { webhooks(system, result).Increment(); }

void Metrics::refresh(store::Ledger& ledger) {
  std::map<std::string, std::int64_t> open, drifted;
  std::vector<std::string> systems;
  ledger.read([&](store::Tx& tx) {
    systems = tickets::linked_systems(tx);
    open = count_conflicts(tx);
    drifted = count_drift(tx);
  });
  for (const auto& system : systems) {
    conflicts(system).Set(static_cast<double>(open[system]));
    drift(system).Set(static_cast<double>(drifted[system]));
  }
}

}  // namespace supportd::desk_sync
