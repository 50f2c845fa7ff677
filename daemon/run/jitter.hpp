// How long a job's runs are put off, so that jobs of one minute do not start together. The same for every run of a
// job, on every machine and in every version: FNV-1a, 64 bits, of the job's name, modulo max + 1 ms.
// (http://www.isthe.com/chongo/tech/comp/fnv/)
#pragma once

#include <string_view>

#include "daemon/time/instant.hpp"

namespace supportd::run {

// 0 to `max`, both included; 0 when max is not positive.
Millis jitter_of(std::string_view job_name, Millis max);

}  // namespace supportd::run
