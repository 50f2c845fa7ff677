// The clocks' rows: a projection, for lists and for what is due next; and the thresholds that were recorded, which are
// facts and never computed away.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "daemon/store/ledger.hpp"
#include "jobs/sla/clocks.hpp"
#include "jobs/tickets/values.hpp"

namespace supportd::sla {

std::vector<store::Migration> schema();

// What is kept of a clock of which something was promised.
struct Row {
  tickets::TicketId ticket{};
  Metric metric = Metric::first_reply;
  int instance = 1;
  State state = State::running;
  std::string policy;
  Instant started{};
  std::optional<Instant> due, ended, breached;
  friend bool operator==(const Row&, const Row&) = default;
};
// By metric and instance.
std::vector<Row> rows_of(const std::vector<Clock>& clocks, tickets::TicketId ticket, Instant now);
// Of all tickets of that range: by ticket, metric and instance.
std::vector<Row> rows_of(store::Tx& tx, tickets::TicketId first, tickets::TicketId last);
// Brings a ticket's rows from what they were to what they are; writes only what differs.
void save(store::Tx& tx, std::span<const Row> before, std::span<const Row> after);

// Clocks that run, the next due first; those that are overdue among them.
std::vector<Row> next_due(store::Tx& tx, int most);

// A part of a target that was used up (rule 25).
struct Passed {
  enum class State { provisional, confirmed, withdrawn } state = State::provisional;
  tickets::TicketId ticket;
  Metric metric = Metric::first_reply;
  int instance = 1;
  Measure target;
  int percent = 100;
  Instant at{};        // when, exactly
  Instant recorded{};  // when we noticed
  Instant settled{};   // confirmed or withdrawn; 0 before
  std::string note;
  bool of_some_measure = false;  // of a ledger from before `by_the_wall` was kept: the clocks tell which it was

  bool is_same_as(const Passed& other) const {
    return metric == other.metric && instance == other.instance && target == other.target && percent == other.percent;
  }
};
std::string_view to_text(Passed::State state);
// "first_reply 80 % of 4h", "next_reply 2 100 % of 1h elapsed"
std::string to_text(const Passed& it);
std::vector<Passed> passed_of(store::Tx& tx, tickets::TicketId ticket);  // by time
// Of all tickets of that range: by ticket and time.
std::vector<Passed> passed_of(store::Tx& tx, tickets::TicketId first, tickets::TicketId last);
void add(store::Tx& tx, const Passed& it);
// Its state, instants and note.
void update(store::Tx& tx, const Passed& it);
// Which it was, of one of some measure.
void tell_measure(store::Tx& tx, const Passed& it, bool by_the_wall);
// When the oldest provisional one of the ticket was recorded.
std::optional<Instant> provisional_since(store::Tx& tx, tickets::TicketId ticket);
// Tickets linked to that system with provisional ones reached by then.
std::vector<tickets::TicketId> provisional_at(store::Tx& tx, const std::string& system, Instant until, int most);

// Up to when a desk is known, as far as somebody waits to know it: of that ticket, or of all.
void note_known(store::Tx& tx, const std::string& system, std::optional<tickets::TicketId> ticket, Instant until);
struct Known {
  Instant until{};     // the desks that the ticket lives at are known at least until then; `never`: it lives at none
  std::string behind;  // the desk least known
};
Known known_of(store::Tx& tx, tickets::TicketId ticket);
void forget_known(store::Tx& tx, tickets::TicketId ticket);

}  // namespace supportd::sla
