// A cron expression in plain English: "at 02:30 on Monday to Friday".
#pragma once

#include <string>

#include "daemon/run/cron.hpp"

namespace supportd::run {

std::string in_words(const CronExpression& expression);

}  // namespace supportd::run
