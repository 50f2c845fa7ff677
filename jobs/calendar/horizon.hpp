// Until when the holidays of the calendars in use are known: in the metrics, and in the log when the end comes near, at
// every start and reload and once a day. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>

#include "daemon/registry.hpp"
#include "jobs/calendar/definition.hpp"
#include "jobs/calendar/section.hpp"

namespace supportd::calendar {

class Horizon {
 public:
  // Borrows it, and asks its deadlines to be reminded.
  explicit Horizon(Registry& registry);
  // At the start and after each reload. `names`: of the calendars in use.
  void know(const Section& section, const std::set<std::string>& names, Instant now);
  // When each of them is spoken of next.
  void arm(store::Tx& tx, Instant now);

 private:
  struct Known {
    Day valid_to;
    Instant end;  // of that day
    Instant warn_from;
    observe::Gauge *valid_to_series, *warn_from_series;
  };

  void remind(store::Tx& tx, const std::string& calendar, Instant now);
  // REQUIRES: mutex_ held.
  void forget_all();
  void warn_if_near(const std::string& calendar, const Known& known, Instant now);

  Registry& registry_;
  std::mutex mutex_;
  std::map<std::string, Known> known_;  // guarded; by calendar
};

}  // namespace supportd::calendar
