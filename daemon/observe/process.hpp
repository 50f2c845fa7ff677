// Series about the program itself. They read /proc/self only, so that they work under ProcSubset=pid.
#pragma once

#include "daemon/observe/log.hpp"
#include "daemon/observe/metrics.hpp"

namespace supportd::observe {

// supportd_build_info and process_*.
void watch_process(Metrics& metrics);
// supportd_log_messages_total. `log` must outlive the scrapes.
void watch_log(Metrics& metrics, const Log& log);

}  // namespace supportd::observe
