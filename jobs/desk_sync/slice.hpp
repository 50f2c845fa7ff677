// Help desks and the ledger kept in step: pulls changes in, owes the difference out (design section 5).
#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "daemon/registry.hpp"
#include "jobs/desk_sync/desk.hpp"
#include "jobs/desk_sync/metrics.hpp"
#include "jobs/desk_sync/operate.hpp"
#include "jobs/desk_sync/pull.hpp"

namespace supportd::desk_sync {

// The jobs as configurations see them, before anything is installed.
run::JobKinds job_kinds();

class Slice {
 public:
  // Registers the reaction, the jobs and the webhooks' routes, and connects. Borrows all.
  Slice(Registry& registry, tickets::Kernel& kernel, const connectors::Desks& desks);
  // After `desks` changed: a channel for each that has none yet. Those of desks that are gone stay, and have what is
  // owed parked.
  void connect(const config::Config& config);

 private:
  run::Report run(run::JobContext& context, Pulled (Puller::*read)(run::JobContext&));
  run::Report backfill(run::JobContext& context);
  run::Report verify(run::JobContext& context);
  // Each desk in its turn, or the one that the run was asked for. One's failure is the run's, after the others' turn.
  template <class Work>
  void each_desk(run::JobContext& context, http::Priority urgency, Work work);
  // POST /hooks/<vendor>/<name>: notes which ticket to look at, and asks for the job that does.
  http::Response hear(const std::string& system, const http::Inbound& in);
  void add_channel(const std::string& system);
  const Learned& learned(const std::string& system);
  // After asking the ledger what probes found since.
  const Learned& learn(const std::string& system);
  // Of statuses that no table maps, once each.
  void warn_of(const Spoke& spoke, const Section& section, const std::set<std::string>& unmapped);
  std::vector<std::string> systems() const;

  Registry& registry_;
  const tickets::Kernel& kernel_;
  const connectors::Desks& desks_;
  const Operating operating_;
  Metrics metrics_;
  mutable std::mutex mutex_;
  std::map<std::string, std::set<std::string>> unmapped_;  // guarded; by system: statuses that were warned about
  std::map<std::string, Learned> learned_;  // guarded; by system, of all that have a channel; its values are atomic
};

}  // namespace supportd::desk_sync
