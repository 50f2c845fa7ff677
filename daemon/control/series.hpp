// The daemon's metrics about itself: its HTTP server, ledger, outbox and configuration.
#pragma once

#include "daemon/control/control.hpp"
#include "daemon/http/server.hpp"
#include "daemon/outbox/senders.hpp"

namespace supportd::control {

// Adds to `hooks` what counts requests.
void count_requests(http::ServerHooks& hooks, observe::Metrics& metrics);
// Read at each scrape. Both must outlive the scrapes.
void watch_ledger(observe::Metrics& metrics, store::Ledger& ledger);
void watch_outbox(observe::Metrics& metrics, store::Ledger& ledger, const outbox::Outbox& outbox);
void watch_budgets(observe::Metrics& metrics, const http::Budgets& budgets);
void watch_phase(observe::Metrics& metrics, const Parts& parts);

// How loads of the configuration went.
class ReloadSeries {
 public:
  explicit ReloadSeries(observe::Metrics& metrics);
  void loaded(Instant now);
  void failed() { successful_.Set(0); }

 private:
  observe::Gauge& successful_;
  observe::Gauge& last_success_;
};

// Calls by senders and what came of them.
void count_effect(observe::Metrics& metrics, const outbox::Report& report, Instant now);

}  // namespace supportd::control
