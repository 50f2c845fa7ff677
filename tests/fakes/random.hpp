// Random numbers that depend on a seed alone: the same on every machine and standard library.
#pragma once

#include <cstdint>
#include <string_view>

namespace supportd::fakes {

// SplitMix64 (Steele, Lea, Flood 2014).
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  // 0 .. limit-1; 0 when the limit is 0.
  std::uint64_t below(std::uint64_t limit) { return limit == 0 ? 0 : next() % limit; }
  // True so many times in a million.
  bool chance(std::uint64_t per_million) { return below(1'000'000) < per_million; }

 private:
  std::uint64_t state_;
};

// A seed of its own for each purpose, so that one more draw here moves nothing there (FNV-1a over the name).
inline std::uint64_t seed_for(std::uint64_t seed, std::string_view purpose) {
  std::uint64_t hash = 0xCBF29CE484222325u ^ seed;
  for (unsigned char c : purpose) hash = (hash ^ c) * 0x100000001B3u;
  return hash;
}

}  // namespace supportd::fakes
