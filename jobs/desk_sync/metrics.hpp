// The slice's numbers.
#pragma once

#include <string>

#include "daemon/observe/metrics.hpp"
#include "daemon/store/ledger.hpp"
#include "jobs/desk_sync/pull.hpp"

namespace supportd::desk_sync {

class Metrics {
 public:
  // Borrows both. Conflicts and drift are read from the ledger when somebody scrapes.
  Metrics(observe::Metrics& metrics, store::Ledger& ledger);

  // A desk's series begin at 0.
  void add(const std::string& system);
  void pulled(const std::string& system, const Pulled& pulled);
  // All that the desk had is in the ledger.
  void read_to_the_end(const std::string& system, Instant now);
  // Statuses seen that no table maps.
  void unmapped(const std::string& system, std::size_t count);
  void heard(const std::string& system, const std::string& result);

 private:
  observe::Counter& webhooks(const std::string& system, const std::string& result);
  observe::Gauge& last_read(const std::string& system);
  observe::Gauge& conflicts(const std::string& system);
  observe::Gauge& statuses(const std::string& system);
  observe::Gauge& drift(const std::string& system);
  void refresh(store::Ledger& ledger);

  observe::Metrics& metrics_;
};

}  // namespace supportd::desk_sync
