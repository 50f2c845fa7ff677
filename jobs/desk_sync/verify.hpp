// A full read of a desk beside the ledger: what differs although nothing is under way that would mend it.
#pragma once

#include "jobs/desk_sync/pull.hpp"
#include "jobs/tickets/links.hpp"

namespace supportd::desk_sync {

struct Drift {
  enum class Kind {
    unread,     // the desk says something that no read has taken
    unwritten,  // the ledger says something that no write has brought there
    absent,     // the ledger knows what the desk has no more
    unknown,    // the desk has what the ledger does not know
  };
  std::int64_t id = 0;
  std::string system{}, remote_id{};
  tickets::TicketId ticket{};  // 0: none
  Kind kind = Kind::unread;
  std::string field{};  // "status", "comment 17"; empty: the ticket as a whole
  std::string desk{}, ledger{};
  Instant found{};
};
std::string_view to_text(Drift::Kind kind);

// Of the last verification of each desk; `system` empty: of all.
std::vector<Drift> list_drift(store::Tx& tx, const std::string& system, std::int64_t after, int most);
// When a desk was last read in full; nothing: never.
std::optional<Instant> last_verified(store::Tx& tx, const std::string& system);
// How many tickets drifted, by system; those in step are left out.
std::map<std::string, std::int64_t> count_drift(store::Tx& tx);

struct Verified {
  long long tickets = 0, comments = 0, drift = 0;
};

class Verifier {
 public:
  // Borrows all. `comments`: each ticket's comments are compared too, at a call a ticket.
  Verifier(Registry& registry, const Spoke& spoke, const Section& section, bool comments)
      : registry_(registry), spoke_(spoke), section_(section), comments_(comments) {}

  // Lists all tickets that count, then polls, and reads again one by one what seemed to differ: what changes meanwhile
  // is no drift. What it finds takes the place of what the last one found; nothing else is written.
  Verified verify(Puller& puller, run::JobContext& context);

 private:
  bool seems_off(store::Tx& tx, const connectors::DeskTicket& row) const;
  std::vector<Drift> differences(store::Tx& tx, const tickets::Link& link, const connectors::DeskTicket& row) const;
  std::vector<Drift> drift_of(const std::string& id, const connectors::Call& call) const;
  std::vector<Drift> drift_of_comments(const std::string& id, Instant before, const connectors::Call& call,
                                       Verified& out) const;

  Registry& registry_;
  const Spoke& spoke_;
  const Section& section_;
  const bool comments_;
};

}  // namespace supportd::desk_sync
