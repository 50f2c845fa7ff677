// The civil times a cron expression matches, as bit masks: a search touches days and months, never minutes.
// Pure calendar; zones are Schedule's business.
#pragma once

#include <date/date.h>

#include <array>
#include <cstdint>
#include <optional>

#include "daemon/run/cron.hpp"

namespace supportd::run {

// Seconds of a wall clock since 1970-01-01 00:00 on that clock.
using LocalSeconds = std::int64_t;

class CronTimes {
 public:
  explicit CronTimes(const CronExpression& expression);

  // Whether any date of the Gregorian calendar matches.
  bool ever() const;
  // The first match in [from, before).
  std::optional<LocalSeconds> first(LocalSeconds from, LocalSeconds before) const;
  // How many matches lie in [from, before).
  int count(LocalSeconds from, LocalSeconds before) const;

 private:
  // Bit d-1 is day d.
  using Days = std::uint32_t;
  static constexpr int shortest_month = 28;

  std::optional<int> time_of_day(int from) const;
  std::optional<std::int64_t> day(std::int64_t from, std::int64_t last) const;

  std::uint64_t seconds_, minutes_;
  std::uint32_t hours_, months_;
  int first_time_;
  // What a month matches depends only on its length and on the day of the week it starts with.
  std::array<std::array<Days, 7>, 4> days_{};
};

}  // namespace supportd::run
