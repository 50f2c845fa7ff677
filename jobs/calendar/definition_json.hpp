// A definition as JSON, for checking many at once: {"tz": "Asia/Seoul", "hours": {"mon": [["09:00", "18:00"]]},
// "holidays": ["2026-01-01"] or {"2026-01-01": "New Year's Day"}, "days": {"2026-12-24": [["09:00", "12:00"]]},
// "breaks": {"2026-01-02": [["10:00", "10:30"]]}}
#pragma once

#include "daemon/json.hpp"
#include "jobs/calendar/definition.hpp"

namespace supportd::calendar {

// Throws Error{corrupt} with the place of what is wrong.
Definition definition_of(const json::View& object);
std::string encode(const Definition& definition);

}  // namespace supportd::calendar
