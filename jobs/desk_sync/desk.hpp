// One desk as the slice sees it.
#pragma once

#include <atomic>
#include <optional>
#include <string>

#include "connectors/desks.hpp"
#include "daemon/run/each.hpp"
#include "jobs/desk_sync/section.hpp"
#include "jobs/tickets/kernel.hpp"

namespace supportd::desk_sync {

// One desk for the length of a run.
struct Spoke {
  std::string system;  // "freshdesk:main": the channel's name, the origin of its events
  connectors::Desk& desk;
  std::string other{};  // the system of the only other desk there is; empty: there is none, or several
};

// What a probe of the desk found (rule 30); read again at each run.
struct Learned {
  std::atomic<std::int64_t> settle_ms{-1};  // twice the longest lag it saw; negative: it was not probed
  std::atomic<bool> notes_move_updated{true};
};

// After how long one reading tells of everything that was done with a change: its row names the second, and its lists
// may lag.
inline Millis until_whole(const connectors::Desk& desk, const Learned& learned) {
  const std::int64_t measured = learned.settle_ms;
  return std::chrono::seconds{1} + (measured < 0 ? desk.list_lag() : Millis{measured});
}

// A trouble of one ticket's, not of the desk or the ledger: the others go on.
bool is_of_the_row(const std::exception& error);

// What the call returns; nothing when the desk has no such thing any more.
template <class Read>
auto unless_gone(Read read) {
  std::optional<std::invoke_result_t<Read>> out;
  run::each(
      std::initializer_list<int>{0}, [&](int) { out = read(); },
      [](int, const std::exception& error) {
        const auto* known = dynamic_cast<const Error*>(&error);
        if (known == nullptr || known->kind() != ErrorKind::gone) throw;
      });
  return out;
}

inline std::string lane_of(const std::string& system, const std::string& remote_id) {
  return system + ":ticket:" + remote_id;
}
inline std::string subject_of(tickets::TicketId id) { return "ticket:" + std::to_string(id.value); }

// The mapping of a system, or the defaults.
const Mapping& mapping_of(const Section& section, const std::string& system);
// Whether the ticket's words and values go to the desk: to that of its origin always.
bool takes_part_at(const std::string& system, const tickets::Ticket& ticket, const Mapping& mapping);
// The assignee's id at the desk, by the mapping's table, else as the desk knows them; empty when there is none, or none
// that the desk knows.
std::string remote_assignee(store::Tx& tx, const std::string& system, const tickets::Ticket& ticket,
                            const Mapping& mapping);
// The ticket with the facts that the mapping sends out as fields.
tickets::Ticket with_facts(store::Tx& tx, tickets::Ticket ticket, const Mapping& mapping);

}  // namespace supportd::desk_sync
