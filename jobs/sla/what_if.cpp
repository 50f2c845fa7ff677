#include "jobs/sla/what_if.hpp"

#include <algorithm>

#include "jobs/sla/happenings.hpp"

namespace supportd::sla {
namespace {

using store::Tx;
using tickets::TicketId;

void end_step(Step& out, const std::vector<TicketId>& ids, int most) {
  out.tickets = static_cast<std::int64_t>(ids.size());
  if (ids.size() == static_cast<std::size_t>(most)) out.last = ids.back();
}

const Clock* same_clock(const std::vector<Clock>& among, const Clock& as) {
  const auto at = std::ranges::find_if(
      among, [&](const Clock& it) { return it.metric == as.metric && it.instance == as.instance; });
  return at == among.end() ? nullptr : &*at;
}

void count(Compliance& to, const Clock& clock) {
  ++to.clocks;
  if (!clock.breaches.empty()) {
    ++to.missed;
  } else if (clock.state == State::fulfilled) {
    ++to.kept;
  }
}

bool missed_alone(const Clock& clock, const std::vector<Clock>& others) {
  const Clock* const other = same_clock(others, clock);
  return !clock.breaches.empty() && (other == nullptr || other->breaches.empty());
}

std::string tier_of(const std::vector<Happening>& happenings, const Rules& rules) {
  const Facts& facts = happenings.back().facts;
  if (!facts.tier.empty()) return facts.tier;
  const auto at = rules.tiers.find(facts.organisation);
  return at == rules.tiers.end() ? "" : at->second;
}

}  // namespace

Diff diff(Tx& tx, const Rulebook::Versions& rules, Rules fresh, TicketId after, int most, Instant now) {
  Diff out;
  const auto ids = tx.all<TicketId>(
      "SELECT id FROM ticket WHERE id > :after AND status IN ('new', 'open', 'pending', 'hold') ORDER BY id LIMIT "
      ":most",
      after, most);
  end_step(out, ids, most);
  Rulebook::Versions candidate = rules;
  fresh.from = rules.empty() ? Instant{} : now;
  fresh.version = rules.empty() ? 1 : rules.back().version + 1;
  candidate.push_back(std::move(fresh));
  for (const TicketId id : ids) {
    const auto happenings = happenings_of(tx, id);
    const auto before = rules.empty() ? std::vector<Clock>{} : clocks_of(happenings, rules, now, Detail::figures);
    for (const Clock& becomes : clocks_of(happenings, candidate, now, Detail::figures)) {
      if (becomes.is_over()) continue;
      const Clock* const was = same_clock(before, becomes);
      const auto was_due = was == nullptr ? std::nullopt : was->due;
      if (was_due != becomes.due) out.moved.push_back({id, becomes.metric, becomes.instance, was_due, becomes.due});
    }
  }
  return out;
}

Simulation simulate(Tx& tx, const Rulebook::Versions& rules, Rules fresh, Instant from, Instant to, TicketId after,
                    int most) {
  Simulation out;
  const auto ids = tx.all<TicketId>("SELECT id FROM ticket WHERE id > :after ORDER BY id LIMIT :most", after, most);
  end_step(out, ids, most);
  fresh.from = {};
  fresh.version = rules.empty() ? 1 : rules.back().version + 1;
  const Rulebook::Versions candidate{std::move(fresh)};
  const auto is_within = [&](const Clock& it) { return it.started >= from && it.started < to; };
  for (const TicketId id : ids) {
    auto happenings = happenings_of(tx, id);
    std::erase_if(happenings, [&](const Happening& it) { return it.at >= to; });
    if (happenings.empty()) continue;
    const std::string tier = tier_of(happenings, candidate.front());
    const auto before = rules.empty() ? std::vector<Clock>{} : clocks_of(happenings, rules, to, Detail::figures);
    const auto becomes = clocks_of(happenings, candidate, to, Detail::figures);
    // What one side's clocks add to the rows, and whether the ticket has breaches on that side alone.
    const auto add = [&](const std::vector<Clock>& clocks, const std::vector<Clock>& others,
                         Compliance Simulation::Row::*side, std::int64_t Simulation::Row::*alone) {
      bool any = false;
      for (const Clock& it : clocks) {
        if (!is_within(it) || (it.promises.empty() && it.breaches.empty())) continue;
        Simulation::Row& row = out.rows[{tier, it.metric}];
        count(row.*side, it);
        if (!missed_alone(it, others)) continue;
        ++(row.*alone);
        any = true;
      }
      return any;
    };
    if (add(before, becomes, &Simulation::Row::before, &Simulation::Row::lost)) out.lost.push_back(id);
    if (add(becomes, before, &Simulation::Row::after, &Simulation::Row::gained)) out.gained.push_back(id);
  }
  return out;
}

}  // namespace supportd::sla
