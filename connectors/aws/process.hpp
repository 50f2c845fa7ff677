// Runs a credential_process without a shell.
// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/time/clock.hpp"

namespace supportd::connectors::aws {

// Words are separated by spaces or tabs. '...' is literal; inside "..." a backslash makes " and \ literal; outside
// quotes it makes any character literal. Nothing is expanded: no variables, no globs, no ~, no pipes.
Parsed<std::vector<std::string>> split_command(std::string_view command);

// What the command wrote to standard output. Throws Error{config} when it cannot be started, fails, writes too much;
// unreachable when it takes too long. Its standard error goes nowhere: it may hold secrets.
using RunProcess = std::function<std::string(const std::string& command, std::stop_token stop)>;

RunProcess local_processes(time::Clock& clock, Millis deadline = Millis{60'000}, std::size_t limit = 64 * 1024);

}  // namespace supportd::connectors::aws
