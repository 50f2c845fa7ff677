// Scenarios: tickets with their calendar, policy and events as JSON, replayed without a daemon. For checking many at
// once; docs/sla.md describes the format.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "daemon/json.hpp"
#include "jobs/sla/clocks.hpp"

namespace supportd::sla {

// One line of JSON a scenario of `document` ({"calendars": {...}, "scenarios": [...]}): {"id", "<metric>": {...} or a
// list of them by instance, "thresholds"}; {"id", "error"} for one that cannot be understood. False when there was such
// a one. Members of events that mean nothing here are ignored and named in `remarks`.
bool replay_scenarios(const json::View& document, std::ostream& out, std::ostream& remarks);

}  // namespace supportd::sla
