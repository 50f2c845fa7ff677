// What an operator may see of the synchroniser and decide: how a ticket stands on each side, why, and what was in
// conflict. By the code that writes. routes.cpp puts it behind HTTP.
#pragma once

#include "daemon/registry.hpp"
#include "jobs/desk_sync/desk.hpp"
#include "jobs/tickets/links.hpp"

namespace supportd::desk_sync {

// One field of one desk: what both sides agreed on, what each says now, what becomes of it.
struct Standing {
  std::string field, agreed, desk, ledger;
  std::string outcome;     // "the next write gives the desk the ledger's", ...
  bool is_written = true;  // false: it waits for a read
};
// Fields that differ, tags last; empty: in step. Pure.
std::vector<Standing> standings(const Snapshot& agreed, const Snapshot& desk, const Snapshot& ledger,
                                const Mapping& mapping);

// How the ticket stands at one desk, read just now.
struct SideBySide {
  tickets::Link link;
  std::vector<Standing> fields;
  std::map<std::string, std::string> missing;  // fields whose ledger's value has no counterpart there
  std::string trouble;                         // the desk could not be read, or has the ticket no more
};

// Two-sided conflicts that were settled by rule, what one side does not take from the other, and what an operator has
// made of them.
struct Conflict {
  std::int64_t id = 0;
  tickets::TicketId ticket;
  std::string system, field, agreed, desk, ledger, winner;
  Instant at{};
  std::string resolved;  // who decided otherwise, or agreed; empty: nobody has looked
  // By which rule: an owner ("desk", "ledger", "zendesk:emea", "newest"); "tie": both within the skew; "ended":
  // somebody ended the ticket. Empty: by none, or by a release that did not note it.
  std::string rule;
};
std::vector<Conflict> conflicts(store::Tx& tx, bool all, std::int64_t before, int most);
std::vector<Conflict> conflicts_of(store::Tx& tx, tickets::TicketId ticket);  // newest first, resolved ones too
// Those that nobody has looked at, by system; systems without any are left out.
std::map<std::string, std::int64_t> count_conflicts(store::Tx& tx);

// What the open writes would send.
struct Plan {
  std::vector<std::string> fields;   // a line a field
  std::vector<std::string> words;    // a line a comment, new ticket, merge or removal
  std::vector<std::string> trouble;  // a line a ticket that its desk could not show
  std::int64_t dead = 0;             // writes that wait for a person and would send nothing
};

class Operating {
 public:
  // Borrows all.
  Operating(Registry& registry, const tickets::Kernel& kernel, const connectors::Desks& desks)
      : registry_(registry), kernel_(kernel), desks_(desks) {}

  // That one, or all for an empty name. Throws Error{config} naming the desks.
  std::vector<std::string> desks_named(const std::string& system) const;
  // Reads every desk that has the ticket. Throws Error{gone} when there is no such ticket.
  std::vector<SideBySide> diff(tickets::TicketId ticket) const;
  // Reads a desk once a ticket, `most` tickets at most.
  Plan plan(int most) const;
  // The winner stands, or the other side's value takes its place on both sides. Throws Error{gone}, {refused}.
  void resolve(std::int64_t conflict, bool desk_wins, const std::string& actor, const std::string& reason) const;

 private:
  SideBySide look(const tickets::Ticket& ticket, const tickets::Link& link) const;

  Registry& registry_;
  const tickets::Kernel& kernel_;
  const connectors::Desks& desks_;
};

// GET /control/sync/{ticket}/diff, /control/sync/plan, /api/v1/sync/{ticket}/history, /api/v1/sync/conflicts,
// /api/v1/sync/drift; POST /control/sync/conflicts/{id}/resolve. `operating` outlives the routes.
void add_routes(Registry& registry, const Operating& operating);

}  // namespace supportd::desk_sync
