// Whether and when a run that did not succeed is tried again. Pure.
#pragma once

#include "daemon/run/job.hpp"
#include "daemon/run/record.hpp"

namespace supportd::run {

// The run to add, or none: no attempts left, or trying again cannot help (`kind` config or refused). `retry_after`:
// the far side's own wish.
std::optional<RunRow> retry_of(const Job& job, const RunRow& failed, std::optional<ErrorKind> kind,
                               std::optional<Millis> retry_after, Instant now);

}  // namespace supportd::run
