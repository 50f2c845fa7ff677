#include "jobs/sla/metric.hpp"

#include <algorithm>

namespace supportd::sla {
namespace {

constexpr std::array<std::string_view, all_metrics.size()> names{
    "first_reply", "next_reply", "periodic_update",  "pausable_update", "requester_wait",
    "agent_work",  "resolution", "total_resolution", "ownership"};

}  // namespace

std::string_view to_text(Metric metric) { return names[static_cast<std::size_t>(metric)]; }

std::optional<Metric> parse_metric(std::string_view text) {
  const auto at = std::ranges::find(names, text);
  if (at == names.end()) return {};
  return all_metrics[static_cast<std::size_t>(at - names.begin())];
}

}  // namespace supportd::sla
