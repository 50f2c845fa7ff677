// Asks a real test account what the vendor's documents leave open, and keeps the answers (rule 30). It writes there: a
// ticket and a note, a case and a reply, all marked as a probe and closed again.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "connectors/desks.hpp"
#include "daemon/registry.hpp"

namespace supportd::probe {

// The job `probe_freshdesk`, which runs only when asked for, as configurations see it. `systems`: what may be probed.
run::JobKind job_kind(std::function<std::vector<std::string>()> systems);

// Registers it. Borrows both.
void install(Registry& registry, const connectors::Desks& desks);

}  // namespace supportd::probe
