#include "jobs/tickets/metrics.hpp"

#include <map>

#include "jobs/tickets/aside.hpp"

namespace supportd::tickets {

void add_metrics(observe::Metrics& metrics, store::Ledger& ledger) {
  const auto rows = [&metrics](const std::string& source) -> observe::Gauge& {
    return metrics.gauge("supportd_aside_rows",
                         "Rows that could not be understood and are kept, by where they are from.",
                         {{"source", source}});
  };
  rows("other");
  metrics.on_scrape([rows, &ledger, known = std::map<std::string, std::int64_t>{}]() mutable {
    for (auto& [source, count] : known) count = 0;
    for (const auto& [source, count] : ledger.read(count_aside)) known[source] = count;
    for (const auto& [source, count] : known) rows(source).Set(static_cast<double>(count));
  });
}

}  // namespace supportd::tickets
