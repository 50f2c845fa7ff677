// Waiting within a run, by the run's clock. Both throw Error{stopped} when the run is told to stop.
#pragma once

#include <functional>
#include <optional>

#include "daemon/run/job.hpp"

namespace supportd::run {

void rest(JobContext& context, Millis length);
// Asks again and again, `every` so often, until it says yes. How long that took; nothing when `most` passed.
std::optional<Millis> time_until(JobContext& context, Millis every, Millis most, const std::function<bool()>& yes);

}  // namespace supportd::run
