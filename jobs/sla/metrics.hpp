// The slice's numbers.
#pragma once

#include <string>

#include "daemon/observe/metrics.hpp"
#include "jobs/sla/policy.hpp"
#include "jobs/sla/store.hpp"

namespace supportd::sla {

class Metrics {
 public:
  explicit Metrics(observe::Metrics& metrics);

  // A threshold became that: "provisional", "confirmed", "behind" (confirmed without its desk), "withdrawn",
  // "corrected" (confirmed, and known better since).
  void passed(const Passed& it, const std::string& became);
  // The rules in force: their version, and series that begin at 0 for what they promise.
  void rules(const Rules& rules);
  // Open tickets are being looked at by new rules.
  void reevaluating(bool under_way);
  // The audit has compared that many tickets, and found that much wrong: of rows, thresholds, deadlines.
  void audited(std::int64_t tickets, std::int64_t rows, std::int64_t thresholds, std::int64_t deadlines);
  // From now on they are counted when somebody asks, though once a minute at most. Borrows both.
  void count_open_clocks(store::Ledger& ledger, time::Clock& clock);

 private:
  observe::Counter& thresholds(Metric metric, int percent, const std::string& state);
  observe::Gauge& version();
  observe::Counter& wrong(const std::string& what);

  observe::Metrics& metrics_;
};

}  // namespace supportd::sla
