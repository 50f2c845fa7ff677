#include "jobs/sla/metrics.hpp"

namespace supportd::sla {

Metrics::Metrics(observe::Metrics& metrics) : metrics_(metrics) {
  version().Set(0);
  reevaluating(false);
  audited(0, 0, 0, 0);
}

observe::Counter& Metrics::thresholds(Metric metric, int percent, const std::string& state) {
  return metrics_.counter(
      "supportd_sla_thresholds_total",
      "Parts of targets that were used up, by metric, percent and what became of it (provisional, confirmed, behind: "
      "confirmed before its desk was known that far, withdrawn, corrected: something was learned later that speaks "
      "against what was confirmed, or for it again).",
      {{"metric", std::string(to_text(metric))}, {"percent", std::to_string(percent)}, {"state", state}});
}

void Metrics::passed(const Passed& it, const std::string& became) {
  thresholds(it.metric, it.percent, became).Increment();
}

observe::Gauge& Metrics::version() {
  return metrics_.gauge("supportd_sla_rules_version",
                        "Version of the policies and calendars in force; 0: there are none.");
}

void Metrics::rules(const Rules& rules) {
  version().Set(rules.version);
  for (const Policy& policy : rules.policies) {
    for (const auto& [metric, targets] : policy.targets) {
      if (targets.empty()) continue;
      for (const char* state : {"provisional", "confirmed", "behind", "withdrawn", "corrected"}) {
        for (const int percent : policy.thresholds) thresholds(metric, percent, state);
        thresholds(metric, 100, state);
      }
    }
  }
}

void Metrics::reevaluating(bool under_way) {
  metrics_
      .gauge("supportd_sla_reevaluating", "1 while open tickets are looked at by new policies or calendars, else 0.")
      .Set(under_way ? 1 : 0);
}

observe::Counter& Metrics::wrong(const std::string& what) {
  return metrics_.counter("supportd_sla_audit_wrong_total",
                          "What the audit found to be otherwise than a computation from events says, by what (row, "
                          "threshold, deadline).",
                          {{"what", what}});
}

void Metrics::audited(std::int64_t tickets, std::int64_t rows, std::int64_t thresholds, std::int64_t deadlines) {
  metrics_.counter("supportd_sla_audited_tickets_total", "Tickets whose clocks the audit computed from their events.")
      .Increment(static_cast<double>(tickets));
  wrong("row").Increment(static_cast<double>(rows));
  wrong("threshold").Increment(static_cast<double>(thresholds));
  wrong("deadline").Increment(static_cast<double>(deadlines));
}

void Metrics::count_open_clocks(store::Ledger& ledger, time::Clock& clock) {
  metrics_.on_scrape([this, &ledger, &clock, counted = Instant::min()]() mutable {
    const Instant now = clock.now();
    if (counted != Instant::min() && now < counted + std::chrono::minutes{1}) return;
    ledger.read([&](store::Tx& tx) {
      for (const auto& [state, which] : {std::pair{"running", "due > :now"},
                                         {"overdue", "due <= :now"},
                                         {"paused", "state = 'paused' AND started <= :now"},
                                         {"undated", "due IS NULL AND state = 'running' AND started <= :now"}}) {
        metrics_
            .gauge(
                "supportd_sla_open_clocks",
                "Clocks of promises that run, stand, are overdue, or are undated: due after 2037, or promised no more.",
                {{"state", state}})
            .Set(static_cast<double>(*tx.one<std::int64_t>(
                std::string("SELECT count(*) FROM sla_clock WHERE ended IS NULL AND ") + which, now)));
      }
    });
    counted = now;
  });
}

}  // namespace supportd::sla
