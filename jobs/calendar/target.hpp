// How much time a promise allows, as people write it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "jobs/calendar/calendar.hpp"

namespace supportd::calendar {

struct Target {
  enum class Kind {
    open,           // "4h": open time of the clock's calendar
    elapsed,        // "4h elapsed": by the clock on the wall, also while closed
    business_days,  // "2 business days", "next business day": to the close of the n-th business day after the start's
  } kind = Kind::open;
  Millis length{0};  // of the first two
  int days = 0;

  friend bool operator==(const Target&, const Target&) = default;
};

Parsed<Target> parse_target(std::string_view text);
std::string to_text(const Target& target);
// "32h", "1h30m": open time is never told in days, since 24h are three days of a desk that is open for eight hours.
std::string hours_text(Millis length);

// When it is due for somebody who starts then. Nothing when the calendar ends before.
std::optional<Calendar::Reached> due(const Target& target, const Calendar& calendar, Instant start);

}  // namespace supportd::calendar
