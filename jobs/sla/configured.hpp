// The rules that a configuration speaks of.
#pragma once

#include "daemon/config/schema.hpp"
#include "jobs/sla/policy.hpp"

namespace supportd::sla {

// Policies of [[sla.policy]], the calendars they name, the tiers of [[tickets.organisation]]; no version, no time.
// Reads the calendars' files. Throws Error{config}.
Rules rules_of(const config::Config& config);

}  // namespace supportd::sla
