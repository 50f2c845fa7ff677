#include "daemon/builtin.hpp"

#include <algorithm>

#include "connectors/aws/errors.hpp"
#include "connectors/aws_support/section.hpp"
#include "connectors/freshdesk/calls.hpp"
#include "connectors/freshdesk/section.hpp"
#include "daemon/run/scheduler.hpp"
#include "daemon/sections.hpp"
#include "daemon/store/content.hpp"
#include "jobs/housekeeping/housekeeping.hpp"
#include "jobs/tickets/routes.hpp"

namespace supportd {
namespace {

template <class T>
void append(std::vector<T>& to, std::vector<T> more) {
  std::ranges::move(more, std::back_inserter(to));
}

void review_jobs(const config::Config& config, config::Review& review) {
  const run::JobKinds kinds = builtin_jobs(config);
  run::review(review, effective_jobs(config, kinds), config.list<run::RunOnce>("run_once"), kinds);
}

}  // namespace

config::Schema builtin_schema() {
  config::Schema schema;
  add_daemon_sections(schema);
  schema.add_named<run::JobConfig>("jobs");
  schema.add_list<run::RunOnce>("run_once");
  schema.check(review_jobs);
  return schema;
}

std::vector<store::Migration> builtin_migrations() {
  std::vector<store::Migration> out = store::records_schema();
  append(out, outbox::schema());
  append(out, run::Deadlines::migrations());
  append(out, run::Scheduler::migrations());
  append(out, tickets::schema());
  return out;
}

run::JobKinds builtin_jobs(const config::Config&) { return {housekeeping::job_kind()}; }

run::JobConfigs effective_jobs(const config::Config& config, const run::JobKinds& kinds) {
  run::JobConfigs out = config.named<run::JobConfig>("jobs");
  for (const run::JobKind& kind : kinds) out.try_emplace(kind.name);
  return out;
}

std::vector<http::BudgetRule> builtin_budgets(const config::Config&) { return {}; }

http::RateNews builtin_rate(const http::Request& request, const http::Response& response, Instant now) {
  if (request.system.starts_with("aws")) return connectors::aws::read_rate(request, response, now);
  if (request.system == "freshdesk") return connectors::freshdesk::read_rate(request, response, now);
  return http::rate_by_status(request, response, now);
}

Builtin::Builtin(Registry& registry) {
  tickets::add_routes(registry.routes, registry.ledger, registry.clock);
  housekeeping::install(registry);
}

}  // namespace supportd
