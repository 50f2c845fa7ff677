// What a reload would change, and what came of one.
#pragma once

#include <string>
#include <vector>

#include "daemon/config/print.hpp"
#include "daemon/config/schema.hpp"
#include "daemon/http/message.hpp"
#include "daemon/run/scheduler.hpp"

namespace supportd {

struct ReloadPlan {
  std::vector<config::Change> changes;
  std::vector<run::JobChange> jobs;
  std::vector<run::Deadlines::Move> due;
};

struct Reload {
  bool dry_run = false;
  std::string refusal;              // why nothing was changed; empty: it was, or would be
  std::vector<config::Flaw> flaws;  // warnings too
  ReloadPlan plan;
};

// "2 keys changed, 1 job changed, 3 due times moved"; or the refusal.
std::string in_words(const Reload& reload);
// "daemon.mode = \"shadow\" (was \"live\"); ...": for the record. The first twenty, and how many more there are.
std::string in_words(const std::vector<config::Change>& changes);
// 200, or 422 with the flaws, as problem details (RFC 9457).
http::Response to_response(const Reload& reload);

}  // namespace supportd
