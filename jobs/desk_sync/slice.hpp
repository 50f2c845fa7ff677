// Help desks and the ledger kept in step: pulls changes in, owes the difference out (design section 5).
#pragma once

#include <map>
#include <vector>

#include "daemon/registry.hpp"
#include "jobs/desk_sync/desk.hpp"

namespace supportd::desk_sync {

// The job as configurations see it, before anything is installed.
run::JobKind job_kind();

class Slice {
 public:
  // Registers a channel a desk, the reaction and the job `desk_sync`. Borrows all.
  Slice(Registry& registry, tickets::Kernel& kernel, std::vector<Spoke> spokes);

 private:
  run::Report run(run::JobContext& context);
  void learn();

  Registry& registry_;
  const tickets::Kernel& kernel_;
  const std::vector<Spoke> spokes_;
  std::map<std::string, Learned> learned_;  // by system; its values are atomic
};

}  // namespace supportd::desk_sync
