// THE list: every section, schema, job, connector and slice there is. A new one is a folder and a line here.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connectors/aws/keys.hpp"
#include "connectors/aws_support/accounts.hpp"
#include "connectors/freshdesk/client.hpp"
#include "daemon/http/budget_client.hpp"
#include "daemon/registry.hpp"
#include "jobs/aws_cases/slice.hpp"
#include "jobs/desk_sync/slice.hpp"
#include "jobs/tickets/kernel.hpp"

namespace supportd {

config::Schema builtin_schema();
std::vector<store::Migration> builtin_migrations();
// What may stand in [jobs.NAME] and what runs without being named there; `run` is set only once installed.
run::JobKinds builtin_jobs(const config::Config& config);
// What the configuration says of jobs, and for each kind that it does not mention a job of that name with defaults.
run::JobConfigs effective_jobs(const config::Config& config, const run::JobKinds& kinds);
std::vector<http::BudgetRule> builtin_budgets(const config::Config& config);
// Whether a change of this key takes effect at the next start only: connections are made from it.
bool builtin_needs_restart(std::string_view path);
// What an answer of any of the outside systems tells about the budget it drew on.
http::RateNews builtin_rate(const http::Request& request, const http::Response& response, Instant now);

// The slices, installed. Borrows the registry, whose jobs, routes, deadlines and channels it fills.
class Builtin {
 public:
  explicit Builtin(Registry& registry);
  // Brings the ledger to what the configuration says of organisations and their AWS accounts.
  static void declare(store::Tx& tx, const config::Config& config);

 private:
  using FreshdeskDesks = std::map<std::string, std::unique_ptr<connectors::freshdesk::Client>>;

  connectors::aws::Keys keys_;
  connectors::aws_support::Accounts aws_support_;
  FreshdeskDesks freshdesk_;
  tickets::Kernel kernel_;
  std::optional<desk_sync::Slice> desk_sync_;
  std::optional<aws_cases::Slice> aws_cases_;
};

}  // namespace supportd
