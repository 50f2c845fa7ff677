// Until when the holidays of the calendars in use are known: in the metrics, and in the log when the end comes near.
#pragma once

#include <map>
#include <set>
#include <string>

#include "daemon/observe/log.hpp"
#include "daemon/observe/metrics.hpp"
#include "jobs/calendar/section.hpp"

namespace supportd::calendar {

class Horizon {
 public:
  // Borrows both.
  Horizon(observe::Metrics& metrics, observe::Log& log) : metrics_(metrics), log_(log) {}
  // At the start and after each reload. `names`: of the calendars in use.
  void know(const Section& section, const std::set<std::string>& names, Instant now);

 private:
  observe::Metrics& metrics_;
  observe::Log& log_;
  std::map<std::string, observe::Gauge*> known_;  // by calendar
};

}  // namespace supportd::calendar
