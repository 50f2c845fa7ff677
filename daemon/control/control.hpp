// What operators see and move over HTTP: the daemon's own routes. Those that change something, or show what customers
// wrote, need the control socket or the token (rule 27).
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "daemon/config/schema.hpp"
#include "daemon/http/budget.hpp"
#include "daemon/http/router.hpp"
#include "daemon/observe/metrics.hpp"
#include "daemon/outbox/outbox.hpp"
#include "daemon/run/scheduler.hpp"

namespace supportd::control {

enum class Phase { starting, ready, draining };

// What the routes show and move; borrowed, and outlives the server.
struct Parts {
  time::Clock& clock;
  store::Ledger& ledger;
  outbox::Outbox& outbox;
  run::Scheduler& scheduler;
  http::Budgets& budgets;
  observe::Metrics& metrics;
  std::atomic<Phase>& phase;
  Instant started;
  int most_waits;  // requests that may hold a handler's thread until a run ends; the rest are answered at once
  std::function<std::string()> trouble;         // what keeps the daemon from its work; empty: nothing; never waits
  std::function<config::Effective()> in_force;  // the configuration, every default filled in
  std::function<std::string()> refusal;         // of the last reload; empty: it was taken
  std::function<std::map<std::string, std::string>()> facts;  // what slices say of themselves, by name
  // Reads the configuration anew and swaps it, or says only what that would do. The answer is ready to be sent.
  std::function<http::Response(const std::string& actor, bool dry_run)> reload;
};

// `parts` is kept by reference.
void add_routes(http::Router& router, const Parts& parts);

// The groups of them.
void add_health_routes(http::Router& router, const Parts& parts);
void add_job_routes(http::Router& router, const Parts& parts);
void add_outbox_routes(http::Router& router, const Parts& parts);
void add_ledger_routes(http::Router& router, const Parts& parts);

// Writes who did what, for the transaction that does it.
run::Scheduler::Along audit(const Parts& parts, const http::Inbound& request, std::string action, std::string object,
                            std::string reason = "");

}  // namespace supportd::control
