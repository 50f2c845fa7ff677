// A clock's life for people who ask why: what of it counted, what did not, and for what reason.
#pragma once

#include <string>
#include <vector>

#include "jobs/sla/clocks.hpp"

namespace supportd::sla {

struct Line {
  enum class Kind { counted, paused, closed } kind = Kind::counted;
  Instant from{}, to{};
  std::string why;     // "open", "pending", "Korean New Year", "outside of hours"
  Millis total{0};     // counted up to its end
  std::string policy;  // with its version: "enterprise, version 2"
};

// Of the clock's segments, cut where its calendar opens and closes. At most a thousand lines; the rest is one.
std::vector<Line> explain(const Clock& clock, const std::vector<Rules>& rules);

}  // namespace supportd::sla
