#include "jobs/sla/watch.hpp"

#include <algorithm>

#include "jobs/sla/happenings.hpp"

namespace supportd::sla {
namespace {

using store::Tx;
using PassedState = Passed::State;

bool is_same(const Passed& a, const Passed& b) {
  return a.metric == b.metric && a.instance == b.instance && a.target == b.target && a.percent == b.percent;
}

std::vector<Passed> reached_by(const std::vector<Clock>& clocks, tickets::TicketId ticket, Instant now) {
  std::vector<Passed> out;
  for (const Clock& clock : clocks) {
    for (const Threshold& it : clock.thresholds) {
      if (it.at > now) continue;
      out.push_back(
          {PassedState::provisional, ticket, clock.metric, clock.instance, it.target, it.percent, it.at, now, {}, {}});
    }
  }
  return out;
}

void set_state(Tx& tx, const Passed& it) {
  tx.exec(
      "UPDATE sla_threshold SET state = :state, at = :at, settled = :settled, note = :note WHERE ticket = :ticket AND "
      "metric = :metric AND instance = :instance AND target = :target AND percent = :percent",
      to_text(it.state), it.at, it.settled, it.note, it.ticket, to_text(it.metric), it.instance, it.target.count(),
      it.percent);
}

}  // namespace

Seen look_at(Tx& tx, tickets::TicketId ticket, const Rulebook::Versions& rules, Instant now) {
  Seen out;
  if (rules.empty()) return out;
  const auto clocks = clocks_of(happenings_of(tx, ticket), rules, now);
  save_clocks(tx, ticket, clocks, rules.back().version);

  const auto known = passed_of(tx, ticket);
  const auto reached = reached_by(clocks, ticket, now);
  for (const Passed& it : reached) {
    const auto before = std::ranges::find_if(known, [&](const Passed& one) { return is_same(one, it); });
    if (before == known.end()) {
      tx.exec(
          "INSERT INTO sla_threshold (ticket, metric, instance, target, percent, at, recorded, state, settled, note) "
          "VALUES (:ticket, :metric, :instance, :target, :percent, :at, :recorded, :state, 0, '')",
          ticket, to_text(it.metric), it.instance, it.target.count(), it.percent, it.at, now, to_text(it.state));
      out.recorded.push_back(it);
    } else if (before->state == PassedState::withdrawn ||
               (before->state == PassedState::provisional && before->at != it.at)) {
      set_state(tx, it);
      if (before->state == PassedState::withdrawn) out.recorded.push_back(it);
    }
  }
  for (Passed it : known) {
    const bool holds = std::ranges::any_of(reached, [&](const Passed& one) { return is_same(one, it); });
    if (holds || it.state == PassedState::withdrawn) continue;
    if (it.state == PassedState::provisional) {
      it.state = PassedState::withdrawn;
      it.settled = now;
      it.note = "not reached, by what was learned since";
      set_state(tx, it);
      out.withdrawn.push_back(it);
    } else if (it.note.empty()) {
      // What people were told stays said.
      it.note = "would not have been reached, by what was learned since";
      set_state(tx, it);
    }
  }
  for (const Clock& clock : clocks) {
    for (const Threshold& it : clock.thresholds) {
      if (it.at > now) out.next = std::min(out.next.value_or(it.at), it.at);
    }
  }
  return out;
}

std::vector<Passed> confirm(Tx& tx, tickets::TicketId ticket, Instant until, const std::string& note, Instant now) {
  std::vector<Passed> out;
  for (Passed it : passed_of(tx, ticket)) {
    if (it.state != PassedState::provisional || it.at > until) continue;
    it.state = PassedState::confirmed;
    it.settled = now;
    it.note = note;
    set_state(tx, it);
    out.push_back(it);
  }
  return out;
}

}  // namespace supportd::sla
