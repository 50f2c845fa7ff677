// What was measured about an outside system where its documents leave it open (rule 30).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/ledger.hpp"

namespace supportd::store {

struct Finding {
  std::string system;    // "freshdesk:main"
  std::string question;  // "note_list_lag_ms"
  std::string answer;
  Instant at{};
};

void keep_finding(Tx& tx, const Finding& finding);
std::optional<Finding> find_finding(Tx& tx, const std::string& system, const std::string& question);
std::vector<Finding> findings(Tx& tx, const std::string& system);

}  // namespace supportd::store
