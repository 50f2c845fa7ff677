// THE list: every section, schema, job, connector and slice there is. A new one is a folder and a line here.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "connectors/aws/keys.hpp"
#include "connectors/aws_support/accounts.hpp"
#include "connectors/desks.hpp"
#include "connectors/freshdesk/section.hpp"
#include "connectors/zendesk/section.hpp"
#include "daemon/http/budget_client.hpp"
#include "daemon/registry.hpp"
#include "jobs/aws_cases/slice.hpp"
#include "jobs/calendar/horizon.hpp"
#include "jobs/desk_sync/slice.hpp"
#include "jobs/sla/slice.hpp"
#include "jobs/tickets/kernel.hpp"

namespace supportd {

// What a vendor is called in sections, channels and the origins of events.
inline constexpr const char* freshdesk_vendor = "freshdesk";
inline constexpr const char* zendesk_vendor = "zendesk";

// `now`: the time of whoever loads, the machine's unless given.
config::Schema builtin_schema(const std::function<Instant()>& now = [] { return time::MachineClock().now(); });
std::vector<store::Migration> builtin_migrations();
// What may stand in [jobs.NAME] and what runs without being named there; `run` is set only once installed.
run::JobKinds builtin_jobs(const config::Config& config);
// What the configuration says of jobs, and for each kind that it does not mention a job of that name with defaults.
run::JobConfigs effective_jobs(const config::Config& config);
// The whole configuration as it is lived: with those jobs, and what their kinds say of them.
config::Effective in_force(const config::Config& config);
// Channels of the desks, which are the origins of their events too: "freshdesk:main".
std::vector<std::string> desk_systems(const config::Config& config);
// Those that exist of what the configuration tells of, or a policy or an organisation names.
std::set<std::string> calendars_in_use(const config::Config& config);
std::vector<http::BudgetRule> builtin_budgets(const config::Config& config);
// What an answer of any of the outside systems tells about the budget it drew on.
http::RateNews builtin_rate(const http::Request& request, const http::Response& response, Instant now);

// Connections to the help desks of a configuration, for whoever has no daemon. Borrows both.
connectors::Desks::All builtin_desks(const config::Config& config, http::Client& http, time::Clock& clock);

// The slices, installed. Borrows the registry, whose jobs, routes, deadlines and channels it fills.
class Builtin {
 public:
  explicit Builtin(Registry& registry);
  // Brings the ledger to what the configuration says of organisations, their AWS accounts, and whom effects can reach.
  void declare(store::Tx& tx, const config::Config& config);
  // Connections to what the configuration names; those it does not change stay, those it takes away end with their last
  // user. REQUIRES: one caller at a time.
  void connect(const config::Config& config);

 private:
  // What a desk was connected with, so that one that did not change stays.
  template <class Section>
  struct Connected {
    Section section;
    std::shared_ptr<connectors::aws::Keys> keys;  // for secrets that lie at AWS
    std::shared_ptr<connectors::Desk> desk;
  };
  template <class Section>
  using ConnectedByName = std::map<std::string, Connected<Section>>;

  template <class Section, class Connect>
  void connect_desks(const std::string& vendor, const std::map<std::string, Section>& sections,
                     ConnectedByName<Section>& known, connectors::Desks::All& all, Connect connect);
  void connect_keys(const connectors::aws::Section& section);

  Registry& registry_;
  connectors::aws::Section keys_section_;  // what keys_ was made of; names no accounts
  std::shared_ptr<connectors::aws::Keys> keys_;
  ConnectedByName<connectors::freshdesk::Section> freshdesk_;
  ConnectedByName<connectors::zendesk::Section> zendesk_;
  connectors::aws_support::Accounts aws_support_;
  connectors::Desks desks_;
  calendar::Horizon horizon_;
  tickets::Kernel kernel_;
  std::optional<desk_sync::Slice> desk_sync_;
  std::optional<aws_cases::Slice> aws_cases_;
  std::optional<sla::Slice> sla_;
};

}  // namespace supportd
