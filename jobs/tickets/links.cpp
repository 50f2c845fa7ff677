#include "jobs/tickets/links.hpp"

#include <tuple>

#include "daemon/store/cursor.hpp"

namespace supportd::tickets {
namespace {

template <class... A>
std::vector<Link> select(store::Tx& tx, const std::string& tail, const A&... args) {
  std::vector<Link> out;
  tx.each<std::string, std::string, TicketId, std::string, std::string, Instant, std::string>(
      "SELECT system, remote_id, ticket, agreed, seen, remote_updated, state FROM link " + tail,
      [&](auto row) {
        auto& [system, remote_id, ticket, agreed, seen, updated, state] = row;
        out.push_back({std::move(system), std::move(remote_id), ticket, std::move(agreed), std::move(seen), updated,
                       std::move(state)});
      },
      args...);
  return out;
}

std::string read_cursor(const std::string& system) { return "read:" + system; }

std::optional<Link> first(std::vector<Link> found) {
  if (found.empty()) return {};
  return std::move(found.front());
}

}  // namespace

std::optional<Link> find_link(store::Tx& tx, const std::string& system, const std::string& remote_id) {
  return first(select(tx, "WHERE system = :system AND remote_id = :remote_id", system, remote_id));
}

std::optional<Link> link_of(store::Tx& tx, TicketId ticket, const std::string& system) {
  return first(select(
      tx,
      "WHERE ticket = :ticket AND system = :system ORDER BY CASE state WHEN 'live' THEN 0 WHEN 'closed' THEN 1 ELSE "
      "2 END, length(remote_id) DESC, remote_id DESC",
      ticket, system));
}

std::vector<Link> links_of(store::Tx& tx, TicketId ticket) {
  return select(tx, "WHERE ticket = :ticket ORDER BY system, remote_id", ticket);
}

std::vector<std::string> linked_systems(store::Tx& tx) {
  // From one to the next along the primary key: there are few of them and many links.
  std::vector<std::string> out;
  for (std::string last;;) {
    auto next = tx.one<std::optional<std::string>>("SELECT MIN(system) FROM link WHERE system > :last", last);
    if (!next || !*next) return out;
    last = **next;
    out.push_back(last);
  }
}

void save_link(store::Tx& tx, const Link& link) {
  tx.exec(
      "INSERT INTO link (system, remote_id, ticket, agreed, seen, remote_updated, state) VALUES (:system, :remote_id, "
      ":ticket, :agreed, :seen, :updated, :state) ON CONFLICT (system, remote_id) DO UPDATE SET ticket = "
      "excluded.ticket, agreed = excluded.agreed, seen = excluded.seen, remote_updated = excluded.remote_updated, "
      "state = excluded.state",
      link.system, link.remote_id, link.ticket, link.agreed, link.seen, link.remote_updated, link.state);
}

bool was_read_since(store::Tx& tx, const std::string& system, Instant since) {
  const auto read = store::find_cursor(tx, read_cursor(system));
  return read && read->moved >= since;
}

void note_read(store::Tx& tx, const std::string& system, Instant now) {
  store::move_cursor(tx, read_cursor(system), "", now);
}

}  // namespace supportd::tickets
