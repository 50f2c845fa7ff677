// Asks a real test account what the vendor's documents leave open, and keeps the answers (rule 30). It writes there: a
// ticket and a note, a case and a reply, all marked as a probe and closed again.
#pragma once

#include <string>
#include <vector>

#include "connectors/desks.hpp"
#include "daemon/registry.hpp"

namespace supportd::probe {

// The jobs `probe_freshdesk` and `probe_zendesk`, each where `systems` names a desk of the vendor's: as configurations
// see them. They run only when asked for.
run::JobKinds job_kinds(const std::vector<std::string>& systems);

// Registers both. Borrows its arguments.
void install(Registry& registry, const connectors::Desks& desks);

}  // namespace supportd::probe
