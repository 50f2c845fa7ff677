// Many cron questions at once. Lines in: {"id": string or number, "expr", "tz": "UTC" unless given,
// "from": RFC 3339, `now` unless given, "count": 1 to 1,000,000, 1 unless given}. A line out for each, in order:
// {"id", "next": ["2026-01-01T00:00:00Z", ...]}, shorter than `count` when it never runs again, or
// {"id", "error", "column"}; the column is 1-based in `expr`, null when the flaw lies elsewhere.
#pragma once

#include <iosfwd>

#include "daemon/time/instant.hpp"

namespace supportd::run {

// False when some line was no question at all: no JSON, a member missing or of a wrong type.
bool answer_cron_questions(std::istream& in, std::ostream& out, Instant now);

}  // namespace supportd::run
