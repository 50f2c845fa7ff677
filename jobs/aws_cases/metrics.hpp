// The slice's numbers.
#pragma once

#include <map>
#include <string>

#include "jobs/aws_cases/context.hpp"

namespace supportd::aws_cases {

class Metrics {
 public:
  explicit Metrics(const Context& context);

  void created(const std::string& severity);
  void fell_back();
  void answered(Millis after);
  void message_mirrored();
  void heard(const std::string& result);
  // Reads the ledger: gauges of cases, sweeps and accounts.
  void refresh();

 private:
  observe::Counter& events(const std::string& result);
  observe::Gauge& cases(const std::string& status, const std::string& severity);

  const Context context_;
  observe::Metrics& metrics_;
  observe::Histogram& first_answer_;
  observe::Counter& mirrored_;
  observe::Counter& fallbacks_;
  observe::Gauge& oldest_waiting_;
  observe::Gauge& parked_;
};

}  // namespace supportd::aws_cases
