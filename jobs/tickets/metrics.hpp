// The kernel's numbers.
#pragma once

#include "daemon/observe/metrics.hpp"
#include "daemon/store/ledger.hpp"

namespace supportd::tickets {

// Rows set aside, by source. Borrows both.
void add_metrics(observe::Metrics& metrics, store::Ledger& ledger);

}  // namespace supportd::tickets
