// What is legal in a cron expression but may surprise, one sentence each.
#pragma once

#include <string>
#include <vector>

#include "daemon/run/cron.hpp"

namespace supportd::run {

std::vector<std::string> lint(const CronExpression& expression);

}  // namespace supportd::run
