// What kind of month a seed is: everything that is drawn once, before it begins.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "tests/fakes/faults.hpp"

namespace supportd::sim {

struct Nature {
  std::uint64_t seed = 0;
  Instant begin{};  // a few days before some zone's clocks change
  Instant quiet{};  // from here on nothing goes wrong any more
  Instant end{};    // by then nothing may be owed

  int tickets = 110;
  Millis desk_lag{0}, aws_lag{0};
  Millis aws_clock_offset{0};
  bool aws_refuses_replies = false;  // to resolved cases: follow-up cases have to be opened
  bool closing_needs_cause = false;  // a field is required for closure, and some people forget it

  bool two_desks = false;            // each ticket has a counterpart at a Zendesk, whose people act on it too
  bool follows = false;              // what is merged or deleted at one desk is at the other too
  bool automations = false;          // each desk has a rule of its own about the priority of vip tickets
  bool quarrels = false;             // the same rules, but each acts a moment after a change
  bool first_owns = false;           // the first desk owns the priority, whatever is typed at the other
  bool webhooks = false;             // both desks send them: some are lost, some come twice, all late and in any order
  Millis zendesk_skew{0};            // its clock against ours
  std::optional<Instant> remapping;  // the mapping changes, by a reload
  bool aws_events = false;           // AWS says on a queue what changed; some of it never arrives, some twice

  fakes::FaultRates faults;
  struct Outage {
    bool aws = false;  // else the desk
    Instant from{}, until{};
  };
  std::vector<Outage> outages;

  int crashes = 6;
  std::vector<Instant> restarts;  // asked for, as by systemctl restart
  struct Restore {
    Instant copied{}, restored{};
  };
  std::vector<Restore> restores;  // a day-old copy of the ledger takes its place (rule 8)
  struct Step {
    Instant at{};
    Millis by{0};
  };
  std::vector<Step> wall_steps;
  std::vector<Instant> promises_change;  // policies, tiers, calendars, by a reload
  struct Pause {
    Instant from{};
    Millis length{0};
  };
  std::vector<Pause> pauses;  // the daemon does not run

  std::uint64_t stay = 800'000;  // how readily a thread keeps the baton

  static Nature of(std::uint64_t seed);
};

}  // namespace supportd::sim
