// How one effect is taken, sent or looked for, and ended. A sender thread is a loop over these three steps.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "daemon/outbox/outbox.hpp"

namespace supportd::outbox {

// The right to act on a lane's head until `until`, proven by `token` (rules 6 and 24).
struct Lease {
  Effect effect;
  std::unique_ptr<Delivery> delivery;
  Traits traits;
  std::string token;
  Instant until{};
  bool look = false;  // the effect is in doubt: find it before anything is sent
};

// What came of it.
struct Outcome {
  enum class What { sent, found, absent, cannot_tell, failed } what = What::failed;
  Sent sent;                   // sent, found
  std::optional<Error> error;  // failed
  Instant began{};             // of the call
};

// Takes the most overdue free lane. Effects that need no call (moot, refused, parked) are ended on the way.
std::optional<Lease> lease_next(store::Tx& tx, Outbox& outbox, const std::string& token, Instant now);
// When there will be something to take; never when nothing is open.
Instant next_due(store::Tx& tx);
// One call to the outside; no transaction is open.
Outcome act(Lease& lease, time::Clock& clock, std::stop_token stop);
// False when the lease was lost meanwhile: its new holder will look.
bool end(store::Tx& tx, Outbox& outbox, const Lease& lease, const Outcome& outcome, Instant now);
// After a crash on SQLite no lease is held by anybody (rule 24).
void void_leases(store::Tx& tx);

}  // namespace supportd::outbox
