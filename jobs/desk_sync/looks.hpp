// Tickets that a webhook said to look at: noted when it comes, read by a job of their own at once. What gets lost on
// the way the next poll finds.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "connectors/desk.hpp"
#include "daemon/store/ledger.hpp"

namespace supportd::desk_sync {

struct Look {
  std::string remote_id;
  Instant asked{};    // by the latest delivery
  std::string actor;  // who caused all of them; empty: several did, or the desk does not tell
  int tries = 0;
};

enum class Noted {
  fresh,      // somebody must look
  waiting,    // somebody is about to
  duplicate,  // the delivery came before
};
Noted note_look(store::Tx& tx, const std::string& system, const connectors::Heard& heard, Instant now);
// What was read is not whole yet: once more shortly. False when that was tried often enough.
bool look_again(store::Tx& tx, const std::string& system, const std::string& remote_id, Instant now);
// Oldest first, of those whose time has come.
std::vector<Look> due_looks(store::Tx& tx, const std::string& system, Instant now, int most);
// It was done; one that was asked for again meanwhile stays.
void looked(store::Tx& tx, const std::string& system, const Look& look);
// The desk cannot be asked: later.
void postpone_look(store::Tx& tx, const std::string& system, const Look& look, Instant now);
// Deliveries are known again for an hour.
void forget_deliveries(store::Tx& tx, Instant now);

}  // namespace supportd::desk_sync
