#include "jobs/desk_sync/looks.hpp"

#include <algorithm>

namespace supportd::desk_sync {
namespace {

using namespace std::chrono_literals;
using store::Tx;

constexpr Millis remembered = 1h;
constexpr Millis longest_pause = 10min;
constexpr int most_tries = 5;

Millis pause(int tries) { return std::min<Millis>(longest_pause, 5s * (1 << std::min(tries, 10))); }

// Looks that come due close together are one run's.
Instant due_in(Millis wait, Instant now) {
  return Instant(std::chrono::ceil<std::chrono::duration<std::int64_t, std::deci>>((now + wait).time_since_epoch()));
}

}  // namespace

bool Looks::note(Tx& tx, const std::string& system, const connectors::Heard& heard, Instant now, Millis wait) const {
  if (!heard.delivery.empty()) {
    const auto added = tx.exec(
        "INSERT INTO desk_delivery (system, delivery, at) VALUES (:system, :delivery, :at) ON CONFLICT DO NOTHING",
        system, heard.delivery, now);
    if (added == 0) return false;
  }
  tx.exec(
      "INSERT INTO desk_look (system, remote_id, asked_at, actor, tries, due) VALUES (:system, :id, :at, :actor, 0, "
      ":due) ON CONFLICT (system, remote_id) DO UPDATE SET asked_at = excluded.asked_at, due = "
      "CASE WHEN desk_look.due > :now AND desk_look.due < excluded.due THEN desk_look.due ELSE excluded.due END, "
      "actor = CASE WHEN desk_look.actor = excluded.actor THEN desk_look.actor ELSE '' END",
      system, heard.ticket, now, heard.actor, due_in(wait, now), now);
  arm(tx, system, now);
  return true;
}

void Looks::again(Tx& tx, const std::string& system, const std::string& remote_id, Instant now, Millis wait) const {
  const Instant due = due_in(wait, now);
  const auto tries = *tx.one<int>(
      "INSERT INTO desk_look (system, remote_id, asked_at, actor, tries, due) VALUES (:system, :id, :at, '', 1, :due) "
      "ON CONFLICT (system, remote_id) DO UPDATE SET asked_at = excluded.asked_at, actor = '', due = excluded.due, "
      "tries = desk_look.tries + 1 RETURNING tries",
      system, remote_id, due, due);
  if (tries > most_tries) {
    tx.exec("DELETE FROM desk_look WHERE system = :system AND remote_id = :id", system, remote_id);
  }
  arm(tx, system, now);
}

void Looks::postpone(Tx& tx, const std::string& system, const Look& look, Instant now) const {
  tx.exec("UPDATE desk_look SET tries = tries + 1, due = :due WHERE system = :system AND remote_id = :id",
          now + pause(look.tries), system, look.remote_id);
  arm(tx, system, now);
}

void Looks::arm(Tx& tx, const std::string& system, Instant now) const {
  const auto next = tx.one<Instant>(
      "SELECT due FROM desk_look WHERE system = :system AND due > :now ORDER BY due LIMIT 1", system, now);
  deadlines_.arm(tx, look_deadline, system, next.value_or(time::never));
}

int count_looks(Tx& tx, const std::string& system) {
  return *tx.one<int>("SELECT count(*) FROM desk_look WHERE system = :system", system);
}

bool is_to_be_looked_at(Tx& tx, const std::string& system, const std::string& remote_id) {
  return tx.one<int>("SELECT 1 FROM desk_look WHERE system = :system AND remote_id = :id", system, remote_id)
      .has_value();
}

std::vector<Look> due_looks(Tx& tx, const std::string& system, Instant now, int most) {
  std::vector<Look> out;
  tx.each<std::string, Instant, std::string, int>(
      "SELECT remote_id, asked_at, actor, tries FROM desk_look WHERE system = :system AND due <= :now ORDER BY "
      "asked_at, remote_id LIMIT :most",
      [&](auto row) {
        auto& [id, asked, actor, tries] = row;
        out.push_back({std::move(id), asked, std::move(actor), tries});
      },
      system, now, most);
  return out;
}

void looked(Tx& tx, const std::string& system, const Look& look) {
  tx.exec("DELETE FROM desk_look WHERE system = :system AND remote_id = :id AND asked_at = :asked", system,
          look.remote_id, look.asked);
}

void forget_deliveries(Tx& tx, Instant now) {
  tx.exec("DELETE FROM desk_delivery WHERE at <= :before", now - remembered);
}

}  // namespace supportd::desk_sync
