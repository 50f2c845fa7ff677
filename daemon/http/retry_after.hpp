// How long an answer asks us to wait: Retry-After (RFC 9110 section 10.2.3), in seconds or as a date.
#pragma once

#include <optional>

#include "daemon/http/message.hpp"

namespace supportd::http {

// A date is measured against the answer's own Date where it has one (clocks differ), else against `now`. Never
// negative; at most a day, since nobody means more.
std::optional<Millis> retry_after(const Headers& headers, Instant now);

}  // namespace supportd::http
