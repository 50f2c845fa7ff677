// A ticket's story as JSON, with its policy: what `sla replay` reads. docs/sla.md describes the format.
#pragma once

#include <iosfwd>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "daemon/json.hpp"
#include "jobs/sla/clocks.hpp"

namespace supportd::sla {

using Calendars = std::map<std::string, std::shared_ptr<const calendar::Calendar>>;

struct Scenario {
  Rules rules;
  std::vector<Happening> happenings;
  Instant now{};  // of the last event unless it says another
};

// Throw Error{corrupt}: where, and what was expected there.
Calendars calendars_in(const json::View& object);
Scenario scenario_in(const json::View& object, const Calendars& calendars);

// Names members that mean nothing, one a line: of an object that has those, of a scenario and its events.
void remark(const json::View& object, const std::vector<std::string>& known, const std::string& where,
            std::ostream& remarks);
void remark_on_scenario(const json::View& scenario, std::ostream& remarks);

}  // namespace supportd::sla
