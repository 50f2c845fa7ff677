// What customers are promised in a month, and what it becomes as the month goes on.
#pragma once

#include <string>

#include "tests/sim/nature.hpp"

namespace supportd::sim {

// [calendar] and [[sla.policy]], after that many changes: shorter targets, another holiday, other thresholds and one
// policy less.
std::string promises_of(const Nature& nature, int changes);
// The tier of an organisation of the month's, after that many changes: a contract is upgraded.
std::string tier_of(const std::string& organisation, int changes);

}  // namespace supportd::sim
