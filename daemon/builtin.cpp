#include "daemon/builtin.hpp"

#include <algorithm>

#include "connectors/aws/errors.hpp"
#include "connectors/aws_support/section.hpp"
#include "connectors/freshdesk/calls.hpp"
#include "connectors/freshdesk/section.hpp"
#include "daemon/run/scheduler.hpp"
#include "daemon/sections.hpp"
#include "daemon/store/content.hpp"
#include "jobs/aws_cases/section.hpp"
#include "jobs/desk_sync/ingest.hpp"
#include "jobs/desk_sync/section.hpp"
#include "jobs/housekeeping/housekeeping.hpp"
#include "jobs/probe/probe.hpp"
#include "jobs/tickets/routes.hpp"
#include "jobs/tickets/section.hpp"

namespace supportd {
namespace {

namespace aws_support = connectors::aws_support;
namespace freshdesk = connectors::freshdesk;

const std::map<std::string, freshdesk::Section>& freshdesk_sections(const config::Config& config) {
  return config.named<freshdesk::Section>("freshdesk");
}

const connectors::aws::Section& aws_section(const config::Config& config) {
  return config.get<connectors::aws::Section>("aws");
}

// The channel's name and the origin of its events.
std::string freshdesk_system(const std::string& name) { return "freshdesk:" + name; }

std::vector<std::string> desk_systems(const config::Config& config) {
  std::vector<std::string> out;
  for (const auto& [name, section] : freshdesk_sections(config)) out.push_back(freshdesk_system(name));
  return out;
}

template <class T>
void append(std::vector<T>& to, std::vector<T> more) {
  std::ranges::move(more, std::back_inserter(to));
}

void review_jobs(const config::Config& config, config::Review& review) {
  const run::JobKinds kinds = builtin_jobs(config);
  run::review(review, effective_jobs(config, kinds), config.list<run::RunOnce>("run_once"), kinds);
}

void review_desks(const config::Config& config, config::Review& review) {
  std::vector<std::string> names;
  for (const auto& [name, section] : freshdesk_sections(config)) names.push_back(name);
  for (const auto& [name, mapping] : config.get<desk_sync::Section>("desk_sync").freshdesk) {
    review.name({"desk_sync", "freshdesk", name}, "Freshdesk desk", name, names);
  }
}

}  // namespace

config::Schema builtin_schema() {
  config::Schema schema;
  add_daemon_sections(schema);
  schema.add_named<run::JobConfig>("jobs");
  schema.add_list<run::RunOnce>("run_once");
  schema.add<connectors::aws::Section>("aws");
  schema.add<aws_support::Section>("aws_support");
  schema.add_named<freshdesk::Section>("freshdesk");
  schema.add<tickets::Section>("tickets");
  schema.add<desk_sync::Section>("desk_sync");
  schema.add<aws_cases::Section>("aws_cases");
  schema.check(review_jobs);
  schema.check(review_desks);
  return schema;
}

std::vector<store::Migration> builtin_migrations() {
  std::vector<store::Migration> out = store::records_schema();
  append(out, outbox::schema());
  append(out, run::Deadlines::migrations());
  append(out, run::Scheduler::migrations());
  append(out, tickets::schema());
  append(out, desk_sync::schema());
  append(out, aws_cases::schema());
  return out;
}

run::JobKinds builtin_jobs(const config::Config& config) {
  run::JobKinds out{housekeeping::job_kind()};
  if (const auto systems = desk_systems(config); !systems.empty()) {
    out.push_back(desk_sync::job_kind());
    out.push_back(probe::job_kind(systems));
  }
  if (!aws_section(config).accounts.empty()) append(out, aws_cases::job_kinds());
  return out;
}

run::JobConfigs effective_jobs(const config::Config& config, const run::JobKinds& kinds) {
  run::JobConfigs out = config.named<run::JobConfig>("jobs");
  for (const run::JobKind& kind : kinds) out.try_emplace(kind.name);
  return out;
}

std::vector<http::BudgetRule> builtin_budgets(const config::Config& config) {
  std::vector<http::BudgetRule> out;
  for (const auto& [name, section] : freshdesk_sections(config)) {
    append(out, freshdesk::budget_rules(name, section));
  }
  append(out, aws_support::budget_rules(config.get<aws_support::Section>("aws_support"), aws_section(config).accounts));
  return out;
}

bool builtin_needs_restart(std::string_view path) {
  const bool is_connection =
      path.starts_with("freshdesk") || path.starts_with("aws.") || path.starts_with("aws_support");
  return is_connection && !path.ends_with("_per_minute") && !path.ends_with(".at_once");
}

http::RateNews builtin_rate(const http::Request& request, const http::Response& response, Instant now) {
  if (request.system.starts_with("aws")) return connectors::aws::read_rate(request, response, now);
  if (request.system == "freshdesk") return connectors::freshdesk::read_rate(request, response, now);
  return http::rate_by_status(request, response, now);
}

Builtin::Builtin(Registry& registry)
    : keys_(aws_section(*registry.config.get()), registry.http, registry.clock),
      aws_support_(registry.config.get()->get<aws_support::Section>("aws_support"), aws_section(*registry.config.get()),
                   registry.http, registry.clock, keys_.sts(), keys_.base()) {
  const auto config = registry.config.get();
  const config::AwsSecrets secrets = [this](const std::string& id, const std::string& key) {
    return keys_.secrets().get(id, key);
  };
  std::vector<desk_sync::Spoke> spokes;
  std::vector<probe::Desk> desks;
  for (const auto& [name, section] : freshdesk_sections(*config)) {
    auto key = freshdesk::api_key(section, secrets, [this](const std::string& old) { keys_.secrets().forget(old); });
    auto& desk = freshdesk_[name] = std::make_unique<freshdesk::Client>(
        registry.http, registry.clock, freshdesk::client_options(name, section), std::move(key));
    spokes.push_back({freshdesk_system(name), *desk});
    desks.push_back({freshdesk_system(name), *desk});
  }

  tickets::add_routes(registry.routes, registry.ledger, registry.clock);
  housekeeping::install(registry);
  if (!spokes.empty()) {
    desk_sync_.emplace(registry, kernel_, std::move(spokes));
    probe::install(registry, std::move(desks));
  }
  if (!aws_support_.ids().empty()) aws_cases_.emplace(registry, kernel_, aws_support_);
  registry.ledger.write([&](store::Tx& tx) { declare(tx, *config); });
}

void Builtin::declare(store::Tx& tx, const config::Config& config) {
  tickets::declare_all(tx, config.get<tickets::Section>("tickets"));
  std::map<std::string, std::string> owners;
  for (const auto& account : aws_section(config).accounts) {
    if (!account.organisation.empty()) owners[account.id] = account.organisation;
  }
  tickets::own_accounts(tx, owners);
}

}  // namespace supportd
