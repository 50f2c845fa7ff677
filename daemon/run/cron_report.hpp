// What an operator is shown about a schedule, as text for a terminal or as one JSON object.
#pragma once

#include <string>

#include "daemon/run/schedule.hpp"

namespace supportd::run {

enum class ReportForm { text, json };

// The first `count` slots after `from`: fewer when it never runs again.
// Text: a line each, "2026-01-01T00:00:00Z  2026-01-01 09:00:00 KST".
// JSON: {"expr", "zone", "from", "next": [{"at", "local", "skipped": local time or null, "missed"}]}.
std::string next_report(const Schedule& schedule, Instant from, int count, ReportForm form);

// In words, the next runs, the changes of the zone's clock in the next 13 months that touch runs, and what may
// surprise. JSON: next_report's members, "words", "clock_changes": [{"at", "from", "until", "runs", "effect",
// "words"}], "lint".
std::string explain_report(const Schedule& schedule, Instant from, ReportForm form);

// The text with a mark under the column: what is wrong, and where.
std::string mistake_report(std::string_view text, const Mistake& mistake, ReportForm form);

}  // namespace supportd::run
