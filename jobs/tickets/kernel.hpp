// The hub: the ledger's tickets, changed only by appending events (rules 15 to 17). Slices register reactions at
// install; afterwards the kernel is immutable and thread-safe. The row of a ticket that a transaction changes is
// written when the transaction or its attempt ends, or turns to another ticket: within it, ask `load`, not the table.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/store/content.hpp"
#include "daemon/store/ledger.hpp"
#include "jobs/tickets/completeness.hpp"
#include "jobs/tickets/ticket.hpp"

namespace supportd::tickets {

std::vector<store::Migration> schema();

struct NewEvent {
  TicketId ticket;
  Change change;
  Instant effective{};
  std::string origin, actor, identity;
};

// What a reaction sees, inside the transaction of the event.
struct Happening {
  const Ticket& before;
  const Ticket& after;
  const Event& event;
};

class Kernel {
 public:
  // Pure decisions and small writes; no network. What it throws undoes the event too, and the caller sets the row
  // aside.
  using Reaction = std::function<void(store::Tx&, const Happening&, Instant now)>;
  void react(std::string slice, Reaction reaction);
  // For what takes all that befell a ticket into account: called once a transaction, or an attempt in it, has no more
  // to say of the ticket. It is shown the events of settlers too, its own among them, and must come to rest.
  using Settler = std::function<void(store::Tx&, const Ticket& ticket, const std::vector<Event>& events, Instant now)>;
  void when_settled(std::string slice, Settler settler);
  // For what goes by an organisation's name: called in the transaction that learns of another.
  using Renamed = std::function<void(store::Tx&, OrganisationId, Instant now)>;
  void when_renamed(Renamed told) { renamed_.push_back(std::move(told)); }
  void renamed(store::Tx& tx, OrganisationId id, Instant now) const;
  // REQUIRES: after the last react() and when_settled(), before the first event. Notes which events came before a slice
  // that is new in this ledger; they are its to replay.
  void begin(store::Ledger& ledger) const;
  struct Replayed {
    std::int64_t events = 0;
    std::map<TicketId, std::string> failed;  // what the reaction threw; these tickets are as they were
  };
  // Throws Error{config} naming the slices.
  void require_slice(const std::string& slice) const { named(slice); }
  // Shows a slice the events from before its time, ticket by ticket in recorded order, in transactions of its own.
  // Goes on where it was interrupted. Throws Error{config} naming the slices.
  Replayed replay(store::Ledger& ledger, const std::string& slice, Instant now) const;

  // A ticket and its `created` event. Nothing when the identity is known.
  std::optional<TicketId> create(store::Tx& tx, NewEvent event, Instant now) const;
  // Records a fact. Nothing when the identity is known or nothing would change.
  std::optional<Event> append(store::Tx& tx, const NewEvent& event, Instant now) const;
  // As append, for people and rules: throws Error{refused} where the lifecycle forbids a change of status.
  std::optional<Event> command(store::Tx& tx, const NewEvent& event, Instant now) const;

  Completeness& completeness() { return completeness_; }
  const Completeness& completeness() const { return completeness_; }

 private:
  struct Named {
    std::string slice;
    Reaction reaction{};
    Settler settler{};  // one of both
  };
  const Named& named(const std::string& slice) const;
  std::optional<Event> record(store::Tx& tx, const std::shared_ptr<const Ticket>& before, const NewEvent& event,
                              Instant now) const;
  void change(store::Tx& tx, std::shared_ptr<const Ticket> to, const Event& event, Instant now) const;
  void settle(store::Tx& tx) const;
  static std::int64_t show(store::Tx& tx, TicketId id, std::int64_t missed, const Named& to, Instant now);
  static std::optional<Replayed> replay_step(store::Tx& tx, const Named& to, Instant now);
  std::vector<Named> named_;
  std::vector<Renamed> renamed_;
  Completeness completeness_;
};

// Throws Error{gone} when there is none.
Ticket load(store::Tx& tx, TicketId id);
std::optional<Ticket> find(store::Tx& tx, TicketId id);
std::vector<Event> events_of(store::Tx& tx, TicketId id);
// Of all tickets of that range: by ticket, and in recorded order.
void each_event(store::Tx& tx, TicketId first, TicketId last, const std::function<void(Event)>& take);

// How the data of every event of a custom field begins; substr() finds them.
std::string data_of_field(const std::string& name);
// In characters, as SQL counts.
std::int64_t length_of(const std::string& utf8);

struct TicketFilter {
  std::optional<Status> status;
  std::string tag, text;  // text: part of the subject
  std::int64_t before = 0;
  int most = 50;
};
std::vector<Ticket> list(store::Tx& tx, const TicketFilter& filter);

// Folds every ticket's events anew and names the tickets whose projection differs; `repair` writes the fold.
std::vector<TicketId> rebuild(store::Ledger& ledger, bool repair);

}  // namespace supportd::tickets
