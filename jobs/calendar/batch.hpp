// Many questions at once: JSON lines in, JSON lines out, in order.
//
//   {"id": 1, "calendar": "kr", "op": "add", "from": "2026-02-13T08:00:00Z", "duration_seconds": 14400}
//     -> {"id": 1, "latest": "...", "earliest": "..."}
//   {"id": 2, "calendar": "kr", "op": "within", "from": "...", "to": "..."}  -> {"id": 2, "seconds": 28800}
//   what cannot be answered -> {"id": 3, "error": "..."}
#pragma once

#include <functional>
#include <iosfwd>
#include <string>

#include "jobs/calendar/calendar.hpp"

namespace supportd::calendar {

// Null when there is none of that name.
using FindCalendar = std::function<const Calendar*(const std::string& name)>;

// False when some line was no question at all.
bool answer_questions(std::istream& in, std::ostream& out, const FindCalendar& find);

}  // namespace supportd::calendar
