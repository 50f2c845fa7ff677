// Tickets that a webhook said to look at: noted when it comes, read by a job of their own as soon as one look can see
// the whole change. What gets lost on the way the next poll finds.
#pragma once

#include <string>
#include <vector>

#include "connectors/desk.hpp"
#include "daemon/run/deadlines.hpp"
#include "daemon/store/ledger.hpp"

namespace supportd::desk_sync {

// Of Deadlines, keyed by system: something is to be looked at now.
inline constexpr const char* look_deadline = "desk_look";

struct Look {
  std::string remote_id;
  Instant asked{};    // by the latest delivery
  std::string actor;  // who caused all of them; empty: several did, or the desk does not tell
  int tries = 0;
};

// The waiting looks, in the ledger. Whoever writes one also arms the deadline for it.
class Looks {
 public:
  explicit Looks(run::Deadlines& deadlines) : deadlines_(deadlines) {}

  // To be read in `wait`, or with what is to be read earlier of that ticket. False: the delivery came before.
  bool note(store::Tx& tx, const std::string& system, const connectors::Heard& heard, Instant now, Millis wait) const;
  // What was read is not whole yet: once more in `wait`, unless that was tried often enough.
  void again(store::Tx& tx, const std::string& system, const std::string& remote_id, Instant now, Millis wait) const;
  // The desk cannot be asked: later.
  void postpone(store::Tx& tx, const std::string& system, const Look& look, Instant now) const;
  // For what comes due after `now`.
  void arm(store::Tx& tx, const std::string& system, Instant now) const;

 private:
  run::Deadlines& deadlines_;
};

// How many wait.
int count_looks(store::Tx& tx, const std::string& system);
bool is_to_be_looked_at(store::Tx& tx, const std::string& system, const std::string& remote_id);
// Oldest first, of those whose time has come.
std::vector<Look> due_looks(store::Tx& tx, const std::string& system, Instant now, int most);
// It was done; one that was asked for again meanwhile stays.
void looked(store::Tx& tx, const std::string& system, const Look& look);
// Deliveries are known again for an hour.
void forget_deliveries(store::Tx& tx, Instant now);

}  // namespace supportd::desk_sync
