#include "daemon/builtin.hpp"

#include <algorithm>

#include "connectors/aws/errors.hpp"
#include "connectors/aws_support/section.hpp"
#include "connectors/freshdesk/calls.hpp"
#include "connectors/freshdesk/section.hpp"
#include "connectors/zendesk/rate.hpp"
#include "connectors/zendesk/section.hpp"
#include "daemon/reviews.hpp"
#include "daemon/run/scheduler.hpp"
#include "daemon/sections.hpp"
#include "daemon/store/content.hpp"
#include "jobs/aws_cases/probe.hpp"
#include "jobs/aws_cases/section.hpp"
#include "jobs/calendar/book.hpp"
#include "jobs/desk_sync/ingest.hpp"
#include "jobs/desk_sync/section.hpp"
#include "jobs/housekeeping/housekeeping.hpp"
#include "jobs/probe/probe.hpp"
#include "jobs/sla/channel.hpp"
#include "jobs/sla/section.hpp"
#include "jobs/sla/store.hpp"
#include "jobs/tickets/lifecycle.hpp"
#include "jobs/tickets/metrics.hpp"
#include "jobs/tickets/routes.hpp"
#include "jobs/tickets/section.hpp"

namespace supportd {
namespace {

namespace aws_support = connectors::aws_support;
namespace freshdesk = connectors::freshdesk;
namespace zendesk = connectors::zendesk;

const std::map<std::string, freshdesk::Section>& freshdesk_sections(const config::Config& config) {
  return config.named<freshdesk::Section>(freshdesk_vendor);
}

const connectors::aws::Section& aws_section(const config::Config& config) {
  return config.get<connectors::aws::Section>("aws");
}

const std::map<std::string, zendesk::Section>& zendesk_sections(const config::Config& config) {
  return config.named<zendesk::Section>(zendesk_vendor);
}

std::string system_of(const std::string& vendor, const std::string& name) { return vendor + ":" + name; }

std::vector<std::string> account_ids(const config::Config& config) {
  std::vector<std::string> out;
  for (const auto& account : aws_section(config).accounts) out.push_back(account.id);
  return out;
}

// The channels, and the AWS accounts behind the one for them all.
std::set<std::string> reachable(const config::Config& config) {
  std::set<std::string> out{aws_cases::channel_name, sla::log_channel};
  for (const auto& system : desk_systems(config)) out.insert(system);
  for (const auto& id : account_ids(config)) out.insert(aws_cases::origin_of(id));
  return out;
}

template <class T>
void append(std::vector<T>& to, std::vector<T> more) {
  std::ranges::move(more, std::back_inserter(to));
}

// How a desk's client comes by secrets that lie at AWS, and lets go of those that its vendor refused.
struct SecretsAtAws {
  explicit SecretsAtAws(const std::shared_ptr<connectors::aws::Keys>& keys)
      : get([keys](const std::string& id, const std::string& member) { return keys->secrets().get(id, member); }),
        forget([keys](const std::string& old) { keys->secrets().forget(old); }) {}

  const config::AwsSecrets get;
  const std::function<void(const std::string&)> forget;
};

std::shared_ptr<connectors::Desk> connect_desk(http::Client& http, time::Clock& clock, const std::string& name,
                                               const freshdesk::Section& section, const SecretsAtAws& secrets) {
  return std::make_shared<freshdesk::Client>(http, clock, freshdesk::client_options(name, section, secrets.get),
                                             freshdesk::api_key(section, secrets.get, secrets.forget));
}

std::shared_ptr<connectors::Desk> connect_desk(http::Client& http, time::Clock& clock, const std::string& name,
                                               const zendesk::Section& section, const SecretsAtAws& secrets) {
  return std::make_shared<zendesk::Client>(http, clock, zendesk::client_options(name, section, secrets.get),
                                           zendesk::token(section, secrets.get, secrets.forget));
}

}  // namespace

config::Schema builtin_schema(const std::function<Instant()>& now) {
  config::Schema schema;
  add_daemon_sections(schema);
  schema.add_named<run::JobConfig>("jobs");
  schema.add_list<run::RunOnce>("run_once");
  schema.add<connectors::aws::Section>("aws");
  schema.add<aws_support::Section>("aws_support");
  schema.add_named<freshdesk::Section>(freshdesk_vendor);
  schema.add_named<zendesk::Section>(zendesk_vendor);
  schema.add<calendar::Section>("calendar");
  schema.add<tickets::Section>("tickets");
  schema.add<desk_sync::Section>("desk_sync");
  schema.add<aws_cases::Section>("aws_cases");
  schema.add<sla::Section>("sla");
  add_reviews(schema, now);
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
  append(out, sla::schema());
  return out;
}

run::JobKinds builtin_jobs(const config::Config& config) {
  run::JobKinds out{housekeeping::job_kind()};
  if (const auto systems = desk_systems(config); !systems.empty()) {
    append(out, desk_sync::job_kinds());
    append(out, probe::job_kinds(systems));
  }
  if (const auto ids = account_ids(config); !ids.empty()) {
    append(out, aws_cases::job_kinds(!aws_section(config).events.url.empty()));
    out.push_back(aws_cases::probe_kind([ids] { return ids; }));
  }
  append(out, sla::job_kinds(!config.get<sla::Section>("sla").policies.empty()));
  return out;
}

run::JobConfigs effective_jobs(const config::Config& config) {
  run::JobConfigs out = config.named<run::JobConfig>("jobs");
  for (const run::JobKind& kind : builtin_jobs(config)) out.try_emplace(kind.name);
  return out;
}

config::Effective in_force(const config::Config& config) {
  const run::JobKinds kinds = builtin_jobs(config);
  run::JobConfigs jobs = effective_jobs(config);
  for (auto& [name, job] : jobs) {
    if (job.kind.empty()) job.kind = name;
    const auto kind = std::ranges::find(kinds, job.kind, &run::JobKind::name);
    if (kind == kinds.end()) continue;
    if (!job.schedule) job.schedule = kind->schedule;
    if (!job.overlap) job.overlap = kind->overlap;
    if (!job.timeout) job.timeout = kind->timeout;
  }
  config::Report none;
  config::Binder::Load load{none};
  config::Binder binder(load, nullptr, "");
  binder.map("jobs", jobs);
  config::Effective out = config.effective();
  const config::Node whole = binder.close();
  out.root.find("jobs")->node = whole.find("jobs")->node;
  return out;
}

std::vector<std::string> desk_systems(const config::Config& config) {
  std::vector<std::string> out;
  for (const auto& [name, section] : freshdesk_sections(config)) out.push_back(system_of(freshdesk_vendor, name));
  for (const auto& [name, section] : zendesk_sections(config)) out.push_back(system_of(zendesk_vendor, name));
  return out;
}

std::set<std::string> calendars_in_use(const config::Config& config) {
  const auto& section = config.get<calendar::Section>("calendar");
  std::set<std::string> named;
  for (const auto& [name, shape] : section.hours) named.insert(name);
  for (const auto& it : config.get<sla::Section>("sla").policies) named.insert(it.policy.calendar);
  for (const auto& it : config.get<tickets::Section>("tickets").organisations) named.insert(it.calendar);
  const auto known = calendar::Book(section).names();
  std::erase_if(named, [&](const std::string& name) { return std::ranges::find(known, name) == known.end(); });
  return named;
}

std::vector<http::BudgetRule> builtin_budgets(const config::Config& config) {
  std::vector<http::BudgetRule> out;
  for (const auto& [name, section] : freshdesk_sections(config)) {
    append(out, freshdesk::budget_rules(name, section));
  }
  for (const auto& [name, section] : zendesk_sections(config)) append(out, zendesk::budget_rules(name, section));
  append(out, aws_support::budget_rules(config.get<aws_support::Section>("aws_support"), aws_section(config).accounts));
  return out;
}

http::RateNews builtin_rate(const http::Request& request, const http::Response& response, Instant now) {
  if (request.system.starts_with("aws")) return connectors::aws::read_rate(request, response, now);
  if (request.system == freshdesk_vendor) return freshdesk::read_rate(request, response, now);
  if (request.system == zendesk_vendor) return zendesk::read_rate(request, response, now);
  return http::rate_by_status(request, response, now);
}

Builtin::Builtin(Registry& registry)
    : registry_(registry), aws_support_(registry.http, registry.clock), horizon_(registry) {
  const auto config = registry.config.get();
  connect(*config);
  tickets::install_lifecycle(registry, kernel_);
  tickets::add_routes(registry.routes, registry.ledger, kernel_, registry.clock);
  tickets::add_metrics(registry.metrics, registry.ledger);
  housekeeping::install(registry);
  desk_sync_.emplace(registry, kernel_, desks_);
  probe::install(registry, desks_);
  aws_cases_.emplace(registry, kernel_, aws_support_);
  sla_.emplace(registry, kernel_);
  sla_->configure(*config);
  kernel_.begin(registry.ledger);
  registry.ledger.write([&](store::Tx& tx) { declare(tx, *config); });
}

connectors::Desks::All builtin_desks(const config::Config& config, http::Client& http, time::Clock& clock) {
  const SecretsAtAws secrets(std::make_shared<connectors::aws::Keys>(aws_section(config), http, clock));
  connectors::Desks::All out;
  for (const auto& [name, section] : freshdesk_sections(config)) {
    out[system_of(freshdesk_vendor, name)] = connect_desk(http, clock, name, section, secrets);
  }
  for (const auto& [name, section] : zendesk_sections(config)) {
    out[system_of(zendesk_vendor, name)] = connect_desk(http, clock, name, section, secrets);
  }
  return out;
}

void Builtin::connect(const config::Config& config) {
  // First what reads files and may throw: nothing has changed by then.
  if (sla_) sla_->configure(config);
  connect_keys(aws_section(config));
  aws_support_.configure(config.get<aws_support::Section>("aws_support"), aws_section(config),
                         {{keys_, &keys_->base()}, {keys_, &keys_->roles()}});
  const SecretsAtAws secrets(keys_);
  const auto connect = [&](const std::string& name, const auto& section) {
    return connect_desk(registry_.http, registry_.clock, name, section, secrets);
  };
  connectors::Desks::All desks;
  connect_desks(freshdesk_vendor, freshdesk_sections(config), freshdesk_, desks, connect);
  connect_desks(zendesk_vendor, zendesk_sections(config), zendesk_, desks, connect);
  desks_.replace(std::move(desks));
  if (desk_sync_) desk_sync_->connect(config);
  horizon_.know(config.get<calendar::Section>("calendar"), calendars_in_use(config), registry_.clock.now());
}

void Builtin::connect_keys(const connectors::aws::Section& section) {
  connectors::aws::Section ours = section;
  ours.accounts.clear();
  if (keys_ && ours == keys_section_) {
    keys_->read_again();
    return;
  }
  keys_section_ = ours;
  keys_ = std::make_shared<connectors::aws::Keys>(ours, registry_.http, registry_.clock);
}

template <class Section, class Connect>
void Builtin::connect_desks(const std::string& vendor, const std::map<std::string, Section>& sections,
                            ConnectedByName<Section>& known, connectors::Desks::All& all, Connect connect) {
  std::erase_if(known, [&](const auto& one) { return !sections.contains(one.first); });
  for (const auto& [name, section] : sections) {
    Connected<Section>& one = known[name];
    if (!one.desk || one.section != section || one.keys != keys_) one = {section, keys_, connect(name, section)};
    all[system_of(vendor, name)] = one.desk;
  }
}

void Builtin::declare(store::Tx& tx, const config::Config& config) {
  tickets::declare_all(tx, config.get<tickets::Section>("tickets"));
  std::map<std::string, std::string> owners;
  for (const auto& account : aws_section(config).accounts) {
    if (!account.organisation.empty()) owners[account.id] = account.organisation;
  }
  tickets::own_accounts(tx, owners);
  registry_.outbox.configured(tx, reachable(config));
  horizon_.arm(tx, registry_.clock.now());
  sla_->declare(tx, registry_.clock.now());
}

}  // namespace supportd
