// Long questions that the daemon answers a step at a time: each answer names where the `next` begins.
#pragma once

#include <functional>
#include <string>

#include "daemon/ctl/command.hpp"

namespace supportd::ctl {

// `ask` is called with where to go on after, "" at first. Says errors in words and returns their exit code. Where
// errors go to a terminal, it is shown there how far it is.
int in_steps(Context& context, const std::function<http::Response(const std::string& after)>& ask,
             const std::function<void(const json::View& step)>& take);

}  // namespace supportd::ctl
