// What people ask about clocks.
//   GET  /api/v1/sla/due?limit=           the next due
//   GET  /api/v1/tickets/{id}/sla         every clock of a ticket, explained
//   POST /control/sla/diff?after=         rules as JSON (stored_rules.hpp): due times they would move; of a step
//   POST /control/sla/diff/{calendar}     a calendar's definition as JSON: likewise, in place of the one in use
//   POST /control/sla/simulate?from=&to=&after=   rules as JSON: what they would have meant; of a step
#pragma once

#include "daemon/registry.hpp"
#include "jobs/sla/rulebook.hpp"

namespace supportd::sla {

// Borrows both.
void add_routes(Registry& registry, Rulebook& rulebook);

}  // namespace supportd::sla
