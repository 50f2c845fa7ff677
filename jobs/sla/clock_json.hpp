// A clock as JSON, as the routes answer with it.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "daemon/json.hpp"
#include "jobs/sla/rulebook.hpp"
#include "jobs/sla/store.hpp"

namespace supportd::sla {

// null when there is none.
void time_member(json::Writer& out, std::string_view name, const std::optional<Instant>& at);
std::int64_t whole_seconds(Millis length);
// "target_seconds", "left_seconds" and "percent" of the target that is due first; null where none is.
void write_use(json::Writer& out, const Clock& clock);
// With its segments, by the rules' history, and those of the thresholds recorded for the ticket that are its own.
void write(json::Writer& out, const Clock& clock, const Rulebook::Versions& rules, const std::vector<Passed>& passed);

}  // namespace supportd::sla
