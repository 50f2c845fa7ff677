// What may stand in each field of a cron expression.
#pragma once

#include <span>
#include <string_view>

#include "daemon/run/cron.hpp"

namespace supportd::run {

struct CronUnitRule {
  CronUnit unit;
  std::string_view name;
  int low, high;  // high is 7 for the day of the week: Sunday again
  int size;       // how many different values there are
  std::span<const std::string_view> names;
  std::string_view form;  // what would be right
};

const CronUnitRule& rule(CronUnit unit);

}  // namespace supportd::run
