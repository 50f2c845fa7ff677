// What must hold when a month is over and quiet.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "daemon/store/ledger.hpp"
#include "tests/sim/breaches.hpp"
#include "tests/sim/outside.hpp"
#include "tests/sim/people.hpp"
#include "tests/sim/visitors.hpp"

namespace supportd::sim {

// Broken invariants, each naming what is concerned; empty: all hold.
std::vector<std::string> judge_outside(const Outside& outside, const People& people, const Visitors& visitors);
std::vector<std::string> judge_desks(const Outside& outside, const People& people, const Visitors& visitors);
// Counts what there was.
std::vector<std::string> judge_ledger(store::Ledger& ledger, Instant now,
                                      std::map<std::string, std::int64_t>& coverage);
// Every threshold once, at its instant, and told once; clocks as their events say. `slack`: how late is in time.
// Counts what there was.
std::vector<std::string> judge_promises(store::Ledger& ledger, const Downtimes& down, Millis slack, Instant now,
                                        std::map<std::string, std::int64_t>& coverage);

}  // namespace supportd::sim
