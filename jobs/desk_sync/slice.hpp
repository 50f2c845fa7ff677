// Help desks and the ledger kept in step: pulls changes in, owes the difference out (design section 5).
#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "daemon/registry.hpp"
#include "jobs/desk_sync/desk.hpp"

namespace supportd::desk_sync {

// The job as configurations see it, before anything is installed.
run::JobKind job_kind();

class Slice {
 public:
  // Registers the reaction and the job `desk_sync`, and connects. Borrows all.
  Slice(Registry& registry, tickets::Kernel& kernel, const connectors::Desks& desks);
  // After `desks` changed: a channel for each that has none yet. Those of desks that are gone stay, and have what is
  // owed parked.
  void connect(const config::Config& config);

 private:
  run::Report run(run::JobContext& context);
  void add_channel(const std::string& system);
  const Learned& learn(const std::string& system);
  std::vector<std::string> systems() const;

  Registry& registry_;
  const tickets::Kernel& kernel_;
  const connectors::Desks& desks_;
  mutable std::mutex mutex_;
  std::map<std::string, Learned> learned_;  // guarded; by system, of all that have a channel; its values are atomic
};

}  // namespace supportd::desk_sync
