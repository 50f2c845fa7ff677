// supportctl cron: what a schedule means, without a daemon.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace supportd::ctl {

// `args` are those after "cron". Returns the exit code: 0 ok, 1 failed, 2 usage.
int run_cron(const std::vector<std::string>& args, std::istream& in, std::ostream& out, std::ostream& err);

}  // namespace supportd::ctl
