// A door to the outside world. A slice or connector implements one per target system; the outbox's senders drive it.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "daemon/outbox/effect.hpp"
#include "daemon/store/ledger.hpp"

namespace supportd::outbox {

// How a doubt is settled (rule 3).
enum class Certainty {
  keyed,     // the vendor takes our key: sending again is safe
  findable,  // it can be looked for
  blind,     // it cannot: a doubtful effect is parked, unless the channel resends
};

struct Traits {
  Certainty certainty = Certainty::findable;
  bool resend_in_doubt = false;  // blind channels only
  Millis deadline{30'000};       // of the longest call
  Millis settle{60'000};         // how long what was written may stay invisible in the vendor's lists
  int most_an_hour = 0;          // blast limit of the channel; 0: none
  int most_a_subject = 0;        // a subject in ten minutes, of what was caused in them; 0: none
};

struct Sent {
  std::string remote_id;  // of what was made; one remote object proves one effect. Empty: nothing with an id.
  std::string answer;     // the channel's own JSON for `finished`
};

struct Looked {
  enum class Answer { found, absent, cannot_tell } answer = Answer::cannot_tell;
  Sent sent;  // when found
};

// One effect made ready to go: holds all it needs, touches no ledger. Used by one thread, once.
class Delivery {
 public:
  virtual ~Delivery() = default;
  // One write. Throws Error as daemon/http/client.hpp says.
  virtual Sent send(std::stop_token stop) = 0;
  // Reads. `absent` only from a listing that was complete. Throws Error when the vendor cannot be asked now.
  virtual Looked find(std::stop_token stop) = 0;
};

struct Prepared {
  std::unique_ptr<Delivery> delivery;
  enum class Otherwise {
    wait,  // its target is not there yet: asked again when the lane is woken, else after a minute, then ever less often
    moot,  // nothing to do any more: done without a call
    refuse,  // never: dead, for `reason`
    absent,  // whom it goes to is not configured (any more): parked until `reason`, "aws:111122223333", is again
  } otherwise = Otherwise::wait;
  std::string reason;
};

// Thread-safe. Lives as long as the outbox.
class Channel {
 public:
  virtual ~Channel() = default;
  virtual std::string name() const = 0;
  virtual Traits traits() const = 0;
  // In the leasing transaction: reads what the call needs. No network, no writes.
  virtual Prepared prepare(store::Tx& tx, const Effect& effect) = 0;
  // In the transaction that ends the effect, when it took effect.
  virtual void finished(store::Tx& tx, const Effect& effect, const Sent& sent, Instant now) = 0;
  // In the transaction that ends it as dead.
  virtual void refused(store::Tx& tx, const Effect& effect, const Error& why, Instant now) = 0;
};

}  // namespace supportd::outbox
