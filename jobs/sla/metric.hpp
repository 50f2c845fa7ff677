// What is measured of a ticket, in the field's words (Zendesk's metrics, and a resolution that pauses while the
// customer is asked). docs/sla.md says what starts, pauses and ends each.
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace supportd::sla {

enum class Metric {
  first_reply,
  next_reply,
  periodic_update,
  pausable_update,
  requester_wait,
  agent_work,
  resolution,
  total_resolution,
  ownership,
};

inline constexpr std::array all_metrics{Metric::first_reply,     Metric::next_reply,       Metric::periodic_update,
                                        Metric::pausable_update, Metric::requester_wait,   Metric::agent_work,
                                        Metric::resolution,      Metric::total_resolution, Metric::ownership};

std::string_view to_text(Metric metric);
std::optional<Metric> parse_metric(std::string_view text);

}  // namespace supportd::sla
