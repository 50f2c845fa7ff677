// How far the ledger knows what was done at the desks. Whoever reads a desk tells; whoever must know that something was
// not done listens, and may ask for a reading of one ticket. Constant once the slices are installed.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "daemon/store/ledger.hpp"
#include "jobs/tickets/values.hpp"

namespace supportd::tickets {

class Completeness {
 public:
  // Everything done at `system` until then, to that ticket or to all, is in the ledger.
  using Listener = std::function<void(store::Tx&, const std::string& system, std::optional<TicketId>, Instant until)>;
  // Reads the ticket soon, where it can be read.
  using Reader = std::function<void(store::Tx&, TicketId, Instant now)>;

  void when_told(Listener listener) { listeners_.push_back(std::move(listener)); }
  void when_asked(Reader reader) { readers_.push_back(std::move(reader)); }

  void tell(store::Tx& tx, const std::string& system, std::optional<TicketId> ticket, Instant until) const {
    for (const auto& listener : listeners_) listener(tx, system, ticket, until);
  }
  void ask(store::Tx& tx, TicketId ticket, Instant now) const {
    for (const auto& reader : readers_) reader(tx, ticket, now);
  }

 private:
  std::vector<Listener> listeners_;
  std::vector<Reader> readers_;
};

}  // namespace supportd::tickets
