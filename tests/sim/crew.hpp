// Many months at once: each worker a process of its own, so that a seed's threads share one processor and nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace supportd::sim {

struct Totals {
  std::map<std::string, std::int64_t> coverage;
  std::int64_t months = 0, failed = 0, messages = 0;

  Totals& operator+=(const Totals& more);
};

// Runs `live` for each seed of first..last, shared out among `workers` processes; at once in this one when there is one
// worker. Throws std::runtime_error when a worker ends before its work does.
Totals live_all(std::uint64_t first, std::uint64_t last, int workers,
                const std::function<void(std::uint64_t seed, Totals&)>& live);

}  // namespace supportd::sim
