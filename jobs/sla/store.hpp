// The clocks' rows: a projection, for lists and for what is due next; and the thresholds that were recorded, which are
// facts and never computed away.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/ledger.hpp"
#include "jobs/sla/clocks.hpp"

namespace supportd::sla {

std::vector<store::Migration> schema();

// Brings the ticket's rows to what its clocks are; writes only what differs.
void save_clocks(store::Tx& tx, tickets::TicketId ticket, const std::vector<Clock>& clocks, int rules);

struct Due {
  tickets::TicketId ticket;
  Metric metric = Metric::first_reply;
  int instance = 1;
  State state = State::running;
  Instant due{};
  std::optional<Instant> breached;
  std::string policy;
};
// Clocks that run, the next due first; those that are overdue among them.
std::vector<Due> next_due(store::Tx& tx, int most);

// A part of a target that was used up (rule 25).
struct Passed {
  enum class State { provisional, confirmed, withdrawn } state = State::provisional;
  tickets::TicketId ticket;
  Metric metric = Metric::first_reply;
  int instance = 1;
  Millis target{0};
  int percent = 100;
  Instant at{};        // when, exactly
  Instant recorded{};  // when we noticed
  Instant settled{};   // confirmed or withdrawn; 0 before
  std::string note;
};
std::string_view to_text(Passed::State state);
std::vector<Passed> passed_of(store::Tx& tx, tickets::TicketId ticket);  // by time

}  // namespace supportd::sla
