// The versions of the rules, in the ledger and in memory. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "daemon/store/ledger.hpp"
#include "jobs/sla/policy.hpp"

namespace supportd::sla {

class Rulebook {
 public:
  // By time, each from its own instant on.
  using Versions = std::vector<Rules>;

  // What the ledger has; at the start.
  void load(store::Tx& tx);
  // What the configuration says. False when that is what holds already.
  bool adopt(store::Tx& tx, Rules rules, Instant now);
  // By time. Empty before there is a configuration.
  std::shared_ptr<const Versions> versions() const;
  // As versions(), and with what another daemon on this ledger may have adopted since.
  std::shared_ptr<const Versions> current(store::Tx& tx);
  // Since when somebody watches: what passed before is nobody's news. `never` before there are rules.
  static Instant watched_since(store::Tx& tx);

 private:
  void add(const Rules& rules);

  mutable std::mutex mutex_;
  std::shared_ptr<const Versions> versions_ = std::make_shared<const Versions>();  // guarded
};

// The versions once those rules are adopted: the first hold from ever, a correction from the instant that it corrects
// (once: what changes later holds from then on) in place of all that began since, any other from `now` on. The same as
// before when nothing changes.
Rulebook::Versions adopted(Rulebook::Versions known, Rules fresh, Instant now);

}  // namespace supportd::sla
