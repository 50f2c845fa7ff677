// What other rules would mean, computed by the code that decides, with nothing written.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/store/ledger.hpp"
#include "jobs/sla/rulebook.hpp"
#include "jobs/tickets/values.hpp"

namespace supportd::sla {

// Tickets are taken in steps, so that whoever asks sees how far it is and others pass between.
struct Step {
  std::int64_t tickets = 0;
  std::optional<tickets::TicketId> last;  // none: that was all
};

struct Moved {
  tickets::TicketId ticket;
  Metric metric = Metric::first_reply;
  int instance = 1;
  std::optional<Instant> before, after;
};
struct Diff : Step {
  std::vector<Moved> moved;
};
// Due times of open tickets after that one, if `fresh` held from now on.
Diff diff(store::Tx& tx, const Rulebook::Versions& rules, Rules fresh, tickets::TicketId after, int most, Instant now);

// What became of clocks of one tier and metric that began within the time looked at.
struct Compliance {
  std::int64_t clocks = 0, kept = 0, missed = 0;  // the others run on
};
struct Simulation : Step {
  struct Row {
    Compliance before, after;
    std::int64_t gained = 0, lost = 0;  // breaches
  };
  std::map<std::pair<std::string, Metric>, Row> rows;  // by tier and metric
  std::vector<tickets::TicketId> gained, lost;         // tickets with such breaches
};
// Tickets after that one, of clocks begun in [from, to), as they were at `to`: by the rules that held, and had `fresh`
// held from ever.
Simulation simulate(store::Tx& tx, const Rulebook::Versions& rules, Rules fresh, Instant from, Instant to,
                    tickets::TicketId after, int most);

}  // namespace supportd::sla
