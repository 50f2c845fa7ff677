#include "jobs/aws_cases/metrics.hpp"

#include "daemon/store/cursor.hpp"
#include "jobs/aws_cases/sweep.hpp"

namespace supportd::aws_cases {
namespace {

constexpr const char* statuses[] = {"opened",
                                    "pending-customer-action",
                                    "customer-action-completed",
                                    "reopened",
                                    "resolved",
                                    "unassigned",
                                    "work-in-progress",
                                    "none"};

observe::Buckets answer_seconds() { return {300, 900, 1'800, 3'600, 7'200, 14'400, 28'800, 86'400, 172'800, 604'800}; }

double seconds(Millis length) { return static_cast<double>(length.count()) / 1'000; }

}  // namespace

Metrics::Metrics(const Context& context)
    : context_(context),
      metrics_(context.registry.metrics),
      first_answer_(metrics_.histogram("supportd_aws_cases_first_answer_seconds",
                                       "Time from opening a case to AWS's first answer.", answer_seconds())),
      mirrored_(metrics_.counter("supportd_aws_cases_communications_mirrored_total",
                                 "Communications by AWS that were put on tickets.")),
      fallbacks_(metrics_.counter("supportd_aws_cases_fallbacks_total",
                                  "Cases opened under another service or category than wanted, which AWS does not "
                                  "offer to the account.")),
      oldest_waiting_(metrics_.gauge("supportd_aws_cases_oldest_waiting_seconds",
                                     "How long the oldest case has waited for an answer by AWS.")),
      parked_(metrics_.gauge("supportd_aws_cases_parked_accounts",
                             "Configured AWS accounts without a support plan that has an API.")) {
  for (const char* status : statuses) {
    for (const auto severity : severity_codes) cases(status, std::string(severity));
  }
  for (const auto severity : severity_codes) {
    metrics_.counter("supportd_aws_cases_created_total", "Cases opened at AWS.", {{"severity", std::string(severity)}});
  }
  for (const char* result : {"marked", "unknown", "other", "poison"}) events(result);
  metrics_.on_scrape([this] { refresh(); });
}

observe::Counter& Metrics::events(const std::string& result) {
  return metrics_.counter(
      "supportd_aws_events_total",
      "Messages of the event queue, by what they were: of a linked case, of an unknown one, another "
      "event, none at all.",
      {{"result", result}});
}

void Metrics::heard(const std::string& result) { events(result).Increment(); }

observe::Gauge& Metrics::cases(const std::string& status, const std::string& severity) {
  return metrics_.gauge("supportd_aws_cases", "Cases by their status at AWS; none: not open there.",
                        {{"status", status}, {"severity", severity}});
}

void Metrics::created(const std::string& severity) {
  metrics_.counter("supportd_aws_cases_created_total", "Cases opened at AWS.", {{"severity", severity}}).Increment();
}

void Metrics::answered(Millis after) { first_answer_.Observe(seconds(after)); }
void Metrics::fell_back() { fallbacks_.Increment(); }
void Metrics::message_mirrored() { mirrored_.Increment(); }

void Metrics::refresh() {
  const Instant now = context_.registry.clock.now();
  std::map<std::pair<std::string, std::string>, std::int64_t> counts;
  std::map<std::string, Instant> swept;
  std::optional<Instant> oldest;
  std::size_t parked = 0;
  context_.registry.ledger.read([&](store::Tx& tx) {
    tx.each<std::string, std::string, std::int64_t>(
        "SELECT aws_status, severity, count(*) FROM aws_case WHERE state NOT IN ('unlinked', 'withdrawn') GROUP BY "
        "aws_status, severity ORDER BY aws_status, severity",
        [&](const auto& row) {
          counts[{std::get<0>(row), std::get<1>(row)}] = std::get<2>(row);
        });
    oldest = tx.one<std::optional<Instant>>("SELECT MIN(waiting_at) FROM aws_case WHERE state = 'open'")
                 .value_or(std::nullopt);
    parked = parked_accounts(tx).size();
    for (const auto& account : context_.accounts.ids()) {
      if (const auto cursor = store::find_cursor(tx, sweep_cursor(account))) swept[account] = cursor->moved;
    }
  });
  for (const char* status : statuses) {
    for (const auto severity : severity_codes) cases(status, std::string(severity)).Set(0);
  }
  for (const auto& [key, count] : counts) {
    const auto& [status, severity] = key;
    cases(status.empty() ? "none" : status, severity.empty() ? "none" : severity).Set(static_cast<double>(count));
  }
  oldest_waiting_.Set(oldest ? seconds(now - *oldest) : 0);
  parked_.Set(static_cast<double>(parked));
  for (const auto& [account, at] : swept) {
    metrics_
        .gauge("supportd_aws_cases_sweep_age_seconds", "Time since the last full sweep of an account's cases began.",
               {{"account", account}})
        .Set(seconds(now - at));
  }
}

}  // namespace supportd::aws_cases
