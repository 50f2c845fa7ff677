// What follows from a look at a ticket's clocks: events, deadlines, readings of its desks, and messages to people.
#pragma once

#include "daemon/registry.hpp"
#include "jobs/sla/metrics.hpp"
#include "jobs/sla/watch.hpp"
#include "jobs/tickets/kernel.hpp"

namespace supportd::sla {

// Kinds of deadlines, keyed by ticket: a threshold is reached; provisional ones have waited long enough (rule 25).
inline constexpr const char* threshold_deadline = "sla";
inline constexpr const char* confirm_deadline = "sla_confirm";

std::string key_of(tickets::TicketId ticket);
tickets::TicketId ticket_of(const std::string& key);

class Alarms {
 public:
  // Borrows all.
  Alarms(Registry& registry, const tickets::Kernel& kernel, Rulebook& rulebook, Metrics& metrics)
      : registry_(registry), kernel_(kernel), rulebook_(rulebook), metrics_(metrics) {}

  // `tickets`: by number.
  void look(store::Tx& tx, const std::vector<tickets::TicketId>& tickets, Instant now) const;
  void confirm(store::Tx& tx, tickets::TicketId ticket, Instant now) const;
  // Tickets that reach their next threshold until then, the next first.
  std::vector<tickets::TicketId> near(store::Tx& tx, Instant until, int most) const;
  // All open tickets were looked at by the rules in force.
  void swept(store::Tx& tx) const;
  // A desk is known until then.
  void hear(store::Tx& tx, const std::string& system, std::optional<tickets::TicketId> ticket, Instant until) const;

 private:
  void record(store::Tx& tx, const Passed& it, const std::string& became, Instant now) const;
  Millis confirm_max() const;
  // When provisional ones are confirmed whatever their desks are known to say.
  void arm_confirm(store::Tx& tx, tickets::TicketId ticket) const;

  Registry& registry_;
  const tickets::Kernel& kernel_;
  Rulebook& rulebook_;
  Metrics& metrics_;
};

}  // namespace supportd::sla
