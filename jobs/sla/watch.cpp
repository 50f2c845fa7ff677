#include "jobs/sla/watch.hpp"

#include <algorithm>
#include <span>

#include "jobs/sla/happenings.hpp"

namespace supportd::sla {
namespace {

using store::Tx;
using tickets::TicketId;
using PassedState = Passed::State;

// Ranges of numbers that are read together: those between are few, and belong to closed tickets.
std::vector<std::pair<TicketId, TicketId>> stretches_of(const std::vector<TicketId>& tickets) {
  constexpr std::int64_t widest_gap = 4;
  std::vector<std::pair<TicketId, TicketId>> out;
  for (const TicketId id : tickets) {
    if (out.empty() || id.value - out.back().second.value > widest_gap) {
      out.emplace_back(id, id);
    } else {
      out.back().second = id;
    }
  }
  return out;
}

// Of rows by ticket.
template <class T>
std::span<const T> of_ticket(const std::vector<T>& all, TicketId ticket) {
  const auto found = std::ranges::equal_range(all, ticket, {}, &T::ticket);
  return {found.begin(), found.end()};
}

// What people were told stays said: the last word of the note is what is known now, that it was reached then or not at
// all. False when they were told so already.
bool correct(Passed& it, std::optional<Instant> now_known) {
  const std::string learned = ", by what was learned since", separator = "; ";
  const bool is_as_told = now_known == it.at;
  if (is_as_told && !it.note.ends_with(learned)) return false;
  const std::string word = is_as_told  ? "was reached after all"
                           : now_known ? "was reached at " + time::to_text(*now_known) + learned
                                       : "would not have been reached" + learned;
  if (it.note == word || it.note.ends_with(separator + word)) return false;
  it.note += (it.note.empty() ? "" : separator) + word;
  return true;
}

// What a ledger from before `by_the_wall` was kept has recorded is of the measure that the clocks have reached.
std::vector<Passed> with_measures(Tx& tx, std::span<const Passed> known, const std::vector<Passed>& reached) {
  std::vector<Passed> out(known.begin(), known.end());
  for (Passed& it : out) {
    if (!it.of_some_measure) continue;
    const auto is_reached = [&](bool by_the_wall) {
      it.target.by_the_wall = by_the_wall;
      return std::ranges::any_of(reached, [&](const Passed& one) { return one.is_same_as(it); });
    };
    it.target.by_the_wall = !is_reached(false) && is_reached(true);
    tell_measure(tx, it, it.target.by_the_wall);
  }
  return out;
}

// The ticket's thresholds after what its clocks are now.
Seen record(Tx& tx, TicketId ticket, std::span<const Passed> rows, const std::vector<Clock>& clocks, Instant now) {
  Seen out{ticket, {}, {}, {}, next_after(clocks, now)};
  const auto reached = reached_by(clocks, ticket, now);
  const auto known = with_measures(tx, rows, reached);
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
    const auto is = std::ranges::find_if(reached, [&](const Passed& one) { return one.is_same_as(it); });
    if (it.state == PassedState::confirmed) {
      if (!correct(it, is == reached.end() ? std::nullopt : std::optional(is->at))) continue;
      update(tx, it);
      out.corrected.push_back(it);
    } else if (it.state == PassedState::provisional && is == reached.end()) {
      it.state = PassedState::withdrawn;
      it.settled = now;
      it.note = "not reached, by what was learned since";
      update(tx, it);
      out.withdrawn.push_back(it);
    }
  }
  return out;
}

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
  return look_at(tx, std::vector{ticket}, rules, now).front();
}

std::vector<Seen> look_at(Tx& tx, const std::vector<TicketId>& tickets, const Rulebook::Versions& rules, Instant now) {
  std::vector<Seen> out;
  for (const auto& [first, last] : stretches_of(tickets)) {
    const auto histories = histories_of(tx, first, last);
    const auto rows = rows_of(tx, first, last);
    const auto passed = passed_of(tx, first, last);
    for (auto at = std::ranges::lower_bound(tickets, first); at != tickets.end() && *at <= last; ++at) {
      const auto history = std::ranges::lower_bound(histories, *at, {}, &History::ticket);
      const bool is_known = history != histories.end() && history->ticket == *at && !rules.empty();
      const auto clocks = is_known ? clocks_of(history->happenings, rules, now, Detail::figures) : std::vector<Clock>{};
      save(tx, of_ticket(rows, *at), rows_of(clocks, *at, now));
      out.push_back(record(tx, *at, of_ticket(passed, *at), clocks, now));
    }
  }
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
