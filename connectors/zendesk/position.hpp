// Where the incremental export has been read to (rule 9). Pure.
// https://developer.zendesk.com/documentation/ticketing/managing-tickets/using-the-incremental-export-api/
#pragma once

#include <string>

#include "daemon/time/instant.hpp"

namespace supportd::connectors::zendesk {

struct Position {
  std::string after;       // Zendesk's cursor; empty: nothing was read yet
  std::int64_t start = 0;  // Unix time in seconds, while `after` is empty
};

// Empty text: all changes from `from` on, which must lie a minute back at least: a younger start_time is refused.
// Throws Error{corrupt}.
Position parse_position(const std::string& text, Instant from, Instant now);
std::string to_text(const Position& position);

// "start_time=1580753798&..." once, from then on only the cursor.
std::string query_of(const Position& position);

// To the answer's after_cursor, also at the end of the stream; an answer without one moves nothing.
void advance(Position& position, const std::string& after_cursor);

}  // namespace supportd::connectors::zendesk
