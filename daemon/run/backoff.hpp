// Exponential backoff with full jitter: how long to wait before attempt `attempt` + 1.
// (https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/)
#pragma once

#include "daemon/time/instant.hpp"

namespace supportd::run {

struct Backoff {
  Millis base{std::chrono::seconds{1}};
  Millis cap{std::chrono::minutes{5}};
};

// Evenly spread over 1 ms to min(cap, base * 2^(attempt - 1)). `attempt` counts the attempts that failed, from 1.
// Pure: the same seed and attempt give the same delay; give each thing retried its own seed.
Millis delay_after(int attempt, const Backoff& backoff, std::uint64_t seed);

}  // namespace supportd::run
