// Targets as people write them: "8h", or several of which the earliest is due: "8h, 2 business days".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "jobs/calendar/target.hpp"

namespace supportd::sla {

struct Targets {
  std::vector<calendar::Target> all;
};
Parsed<Targets> parse_targets(std::string_view text);
std::string to_text(const Targets& targets);

}  // namespace supportd::sla
