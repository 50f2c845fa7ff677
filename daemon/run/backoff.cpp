#include "daemon/run/backoff.hpp"

#include <algorithm>

namespace supportd::run {
namespace {

// SplitMix64's finaliser: neighbouring inputs give unrelated outputs.
std::uint64_t mixed(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

Millis ceiling(int attempt, const Backoff& backoff) {
  Millis limit = std::min(backoff.base, backoff.cap);
  for (int i = 1; i < attempt && limit < backoff.cap; ++i) {
    limit = limit > backoff.cap / 2 ? backoff.cap : limit * 2;
  }
  return std::max(limit, Millis{1});
}

}  // namespace

Millis delay_after(int attempt, const Backoff& backoff, std::uint64_t seed) {
  const auto limit = static_cast<std::uint64_t>(ceiling(attempt, backoff).count());
  const std::uint64_t dice = mixed(mixed(seed) ^ static_cast<std::uint64_t>(attempt));
  return Millis{static_cast<std::int64_t>(1 + dice % limit)};
}

}  // namespace supportd::run
