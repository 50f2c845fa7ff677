#include "daemon/run/jitter.hpp"

namespace supportd::run {
namespace {

std::uint64_t fnv_1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return hash;
}

}  // namespace

Millis jitter_of(std::string_view job_name, Millis max) {
  if (max <= Millis{0}) return Millis{0};
  const auto choices = static_cast<std::uint64_t>(max.count()) + 1;
  return Millis{static_cast<std::int64_t>(fnv_1a(job_name) % choices)};
}

}  // namespace supportd::run
