// What must hold when a month is over and quiet.
#pragma once

#include <string>
#include <vector>

#include "daemon/store/ledger.hpp"
#include "tests/sim/outside.hpp"
#include "tests/sim/people.hpp"
#include "tests/sim/visitors.hpp"

namespace supportd::sim {

// Broken invariants, each naming what is concerned; empty: all hold.
std::vector<std::string> judge_outside(const Outside& outside, const People& people, const Visitors& visitors);
std::vector<std::string> judge_desks(const Outside& outside, const People& people, const Visitors& visitors);
std::vector<std::string> judge_ledger(store::Ledger& ledger, Instant now);

}  // namespace supportd::sim
