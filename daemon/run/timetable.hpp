// Names and the instants at which something is to be done about them; each name at one instant. Not thread-safe.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "daemon/time/instant.hpp"

namespace supportd::run {

class Timetable {
 public:
  // Replaces what was there; none takes the name off.
  void set(const std::string& name, std::optional<Instant> at) {
    if (const auto known = at_.find(name); known != at_.end()) {
      order_.erase({known->second, name});
      at_.erase(known);
    }
    if (!at) return;
    at_.emplace(name, *at);
    order_.emplace(*at, name);
  }
  std::optional<Instant> at(const std::string& name) const {
    const auto known = at_.find(name);
    return known == at_.end() ? std::nullopt : std::optional(known->second);
  }
  std::optional<Instant> next() const { return order_.empty() ? std::nullopt : std::optional(order_.begin()->first); }
  std::vector<std::string> due(Instant now, std::size_t most) const {
    std::vector<std::string> out;
    for (auto entry = order_.begin(); entry != order_.end() && entry->first <= now && out.size() < most; ++entry) {
      out.push_back(entry->second);
    }
    return out;
  }
  void clear() {
    at_.clear();
    order_.clear();
  }

 private:
  std::map<std::string, Instant> at_;
  std::set<std::pair<Instant, std::string>> order_;
};

}  // namespace supportd::run
