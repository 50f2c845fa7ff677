// Starts a job at the daemon and waits for its end, showing how far it is.
#pragma once

#include <optional>

#include "daemon/ctl/command.hpp"
#include "daemon/time/instant.hpp"

namespace supportd::ctl {

using Parameters = std::vector<std::pair<std::string, std::string>>;

// The run: as it is when it has ended or `wait` is over; without `wait`, at once. `parameters`: of POST
// /control/jobs/{job}/run. Where errors go to a terminal, what the run says of itself is shown there meanwhile.
http::Response run_job(Context& context, const std::string& job, Parameters parameters, std::optional<Millis> wait);

// What a run did, or why it did not.
std::string words_of(const json::View& run);
// Exit code: 1 when it has failed.
int verdict_of_run(const json::View& run);

}  // namespace supportd::ctl
