#include "jobs/sla/watch.hpp"

#include <algorithm>

#include "jobs/sla/happenings.hpp"

namespace supportd::sla {
namespace {

using store::Tx;
using tickets::TicketId;
using PassedState = Passed::State;

}  // namespace

std::vector<Passed> reached_by(const std::vector<Clock>& clocks, TicketId ticket, Instant now) {
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

std::optional<Instant> next_after(const std::vector<Clock>& clocks, Instant now) {
  std::optional<Instant> out;
  for (const Clock& clock : clocks) {
    for (const Threshold& it : clock.thresholds) {
      if (it.at > now) out = std::min(out.value_or(it.at), it.at);
    }
  }
  return out;
}

Seen look_at(Tx& tx, TicketId ticket, const Rulebook::Versions& rules, Instant now) {
  Seen out;
  if (rules.empty()) return out;
  const auto clocks = clocks_of(happenings_of(tx, ticket), rules, now);
  save_clocks(tx, ticket, clocks);

  const auto known = passed_of(tx, ticket);
  const auto reached = reached_by(clocks, ticket, now);
  for (const Passed& it : reached) {
    const auto before = std::ranges::find_if(known, [&](const Passed& one) { return one.is_same_as(it); });
    if (before == known.end()) {
      add(tx, it);
      out.recorded.push_back(it);
    } else if (before->state == PassedState::withdrawn) {
      update(tx, it);
      out.recorded.push_back(it);
    } else if (before->state == PassedState::provisional && before->at != it.at) {
      Passed moved = *before;
      moved.at = it.at;
      update(tx, moved);
    }
  }
  for (Passed it : known) {
    const bool holds = std::ranges::any_of(reached, [&](const Passed& one) { return one.is_same_as(it); });
    if (holds || it.state == PassedState::withdrawn) continue;
    if (it.state == PassedState::provisional) {
      it.state = PassedState::withdrawn;
      it.settled = now;
      it.note = "not reached, by what was learned since";
      update(tx, it);
      out.withdrawn.push_back(it);
    } else if (it.note.empty()) {
      // What people were told stays said.
      it.note = "would not have been reached, by what was learned since";
      update(tx, it);
    }
  }
  out.next = next_after(clocks, now);
  return out;
}

std::vector<Passed> confirm(Tx& tx, TicketId ticket, Instant known, Instant waited, const std::string& behind,
                            Instant now) {
  std::vector<Passed> out;
  for (Passed it : passed_of(tx, ticket)) {
    if (it.state != PassedState::provisional || (it.at > known && it.recorded > waited)) continue;
    it.state = PassedState::confirmed;
    it.settled = now;
    it.note = it.at > known ? behind : "";
    update(tx, it);
    out.push_back(it);
  }
  return out;
}

}  // namespace supportd::sla
