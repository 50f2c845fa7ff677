// Business time: what a Definition says, laid out once as open periods with their running total, so that each question
// is a look-up and no walk. Immutable, shared by threads.
//
// Between 1990 and 2037: beyond, zones have no rules here. An instant outside of that throws Error{refused}.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "jobs/calendar/definition.hpp"

namespace supportd::calendar {

class Calendar {
 public:
  explicit Calendar(Definition definition);
  // From here on nothing is known.
  static Instant end();

  const Definition& definition() const { return definition_; }

  bool open_at(Instant at) const;
  // Open time between them; none when `to` is not after `from`.
  Millis between(Instant from, Instant to) const;
  // The first and the last instant up to which `length` of open time has passed since `from`. They differ where it ends
  // as the desk closes: due is the first, a breach only what is later than the last.
  struct Reached {
    Instant earliest, latest;
    friend bool operator==(const Reached&, const Reached&) = default;
  };
  // Nothing when there is not that much open time until the end of 2037. REQUIRES: length >= 0.
  std::optional<Reached> add(Instant from, Millis length) const;
  // `at` itself when it is open.
  std::optional<Instant> next_open(Instant at) const;
  // `at` itself when it is closed.
  Instant next_close(Instant at) const;
  // The close of the n-th business day after the day of `from`; 0: of that day itself, or the last before it.
  std::optional<Instant> end_of_business_day(Instant from, int n) const;

  // Open periods that begin on a date.
  struct Period {
    Instant begin, end;
    friend bool operator==(const Period&, const Period&) = default;
  };
  std::vector<Period> periods_on(Day day) const;

 private:
  std::int64_t millis_since_start(Instant at) const;
  // The first period that ends after it.
  std::size_t period_after(std::int64_t at) const;
  std::int64_t end_of(std::size_t period) const { return begins_[period] + before_[period + 1] - before_[period]; }
  // Open time from the start of the table until then.
  std::int64_t passed(std::int64_t at) const;

  const Definition definition_;
  // Milliseconds since the table's start; a last one at its end.
  std::vector<std::int64_t> begins_;
  std::vector<std::int64_t> before_;     // open time before each period
  std::vector<std::uint32_t> first_of_;  // by UTC day: the first period that ends after its midnight
  std::vector<std::uint32_t> at_total_;  // by `step_` of open time: the period in which that much has passed
  std::int64_t step_ = 1;
  std::vector<std::int64_t> closes_;          // of each business day, when its last period ends
  std::vector<std::uint32_t> business_upto_;  // by civil date from `first_day_` on: business days until its end
  Day first_day_{};
};

}  // namespace supportd::calendar
