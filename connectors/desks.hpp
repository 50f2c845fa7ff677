// The help desks there are, by system: "freshdesk:main". A reload replaces them; whoever took one keeps it to its end
// (rule 26). Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "connectors/desk.hpp"

namespace supportd::connectors {

class Desks {
 public:
  using All = std::map<std::string, std::shared_ptr<Desk>>;

  Desks() = default;
  explicit Desks(All all) : all_(std::move(all)) {}

  void replace(All all) {
    const std::lock_guard lock(mutex_);
    all_.swap(all);
  }
  All all() const {
    const std::lock_guard lock(mutex_);
    return all_;
  }
  // Null when it is not configured.
  std::shared_ptr<Desk> find(const std::string& system) const {
    const std::lock_guard lock(mutex_);
    const auto found = all_.find(system);
    return found == all_.end() ? nullptr : found->second;
  }
  std::vector<std::string> systems() const {
    std::vector<std::string> out;
    for (const auto& [system, desk] : all()) out.push_back(system);
    return out;
  }

 private:
  mutable std::mutex mutex_;
  All all_;  // guarded
};

}  // namespace supportd::connectors
