// The rules as the ledger keeps them, version by version: JSON, so that time that has passed can be computed again by
// the rules it passed under.
#pragma once

#include <string>

#include "jobs/sla/policy.hpp"

namespace supportd::sla {

// Policies, the calendars they name, tiers, the rules of time zones; not the version and its time.
std::string encode(const Rules& rules);
// Throws Error{corrupt}.
Rules decode_rules(const std::string& text);
// Likewise.
bool is_same(const Rules& a, const Rules& b);

}  // namespace supportd::sla
