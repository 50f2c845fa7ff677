// What people were told of service levels stays as it was told, whatever happens afterwards.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "daemon/time/instant.hpp"

namespace supportd::sim {

// When nobody could have noticed anything, by the daemon's clock.
using Downtimes = std::vector<std::pair<Instant, Instant>>;

class Breaches {
 public:
  // The confirmed thresholds of a ledger that no process has open, against those known. What changed, in words.
  std::vector<std::string> look_at(const std::filesystem::path& ledger);
  // The ledger is an older one now.
  void forget() { known_.clear(); }

 private:
  std::map<std::string, std::int64_t> known_;  // instants, by clock and target
};

}  // namespace supportd::sim
