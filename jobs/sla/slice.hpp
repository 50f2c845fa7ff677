// Service levels: clocks follow every event, thresholds are recorded at their instant (design section 3, rules 19 and
// 25).
#pragma once

#include "daemon/registry.hpp"
#include "jobs/sla/alarms.hpp"
#include "jobs/sla/metrics.hpp"
#include "jobs/sla/rulebook.hpp"
#include "jobs/tickets/kernel.hpp"

namespace supportd::sla {

// The jobs as configurations see them, before anything is installed.
run::JobKinds job_kinds(bool has_policies = true);

class Slice {
 public:
  // Registers with the kernel, deadlines, jobs, the channel `log` and routes. Borrows both.
  Slice(Registry& registry, tickets::Kernel& kernel);
  // The rules of that configuration, to be declared next. Reads files; throws Error{config}.
  void configure(const config::Config& config);
  // From now on they hold, if they are others than before.
  void declare(store::Tx& tx, Instant now);

 private:
  void add_jobs();
  void add_deadlines();
  void sweep_again(store::Tx& tx, Instant now);
  // Open tickets are looked at by another name of their organisation, if that matters to the rules.
  void follow_name(store::Tx& tx, tickets::OrganisationId id, Instant now);
  std::vector<run::Deadlines::Move> moves(store::Tx& tx, const config::Config& fresh, Instant now);

  Registry& registry_;
  Metrics metrics_;
  Rulebook rulebook_;
  Rules configured_;
  const Alarms alarms_;
};

}  // namespace supportd::sla
