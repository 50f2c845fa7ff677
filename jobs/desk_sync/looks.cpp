#include "jobs/desk_sync/looks.hpp"

#include <algorithm>

namespace supportd::desk_sync {
namespace {

using namespace std::chrono_literals;
using store::Tx;

constexpr Millis remembered = 1h;
constexpr Millis longest_pause = 10min;
constexpr Millis lists_lag = 3s;
constexpr int most_tries = 5;

Millis pause(int tries) { return std::min<Millis>(longest_pause, 5s * (1 << std::min(tries, 10))); }

}  // namespace

Noted note_look(Tx& tx, const std::string& system, const connectors::Heard& heard, Instant now) {
  if (!heard.delivery.empty()) {
    const auto added = tx.exec(
        "INSERT INTO desk_delivery (system, delivery, at) VALUES (:system, :delivery, :at) ON CONFLICT DO NOTHING",
        system, heard.delivery, now);
    if (added == 0) return Noted::duplicate;
  }
  const bool waiting =
      tx.one<int>("SELECT 1 FROM desk_look WHERE system = :system AND remote_id = :id", system, heard.ticket)
          .has_value();
  tx.exec(
      "INSERT INTO desk_look (system, remote_id, asked_at, actor, tries, due) VALUES (:system, :id, :at, :actor, 0, "
      ":due) ON CONFLICT (system, remote_id) DO UPDATE SET asked_at = excluded.asked_at, due = excluded.due, actor = "
      "CASE WHEN desk_look.actor = excluded.actor THEN desk_look.actor ELSE '' END",
      system, heard.ticket, now, heard.actor, now);
  return waiting ? Noted::waiting : Noted::fresh;
}

bool look_again(Tx& tx, const std::string& system, const std::string& remote_id, Instant now) {
  const auto tries = *tx.one<int>(
      "INSERT INTO desk_look (system, remote_id, asked_at, actor, tries, due) VALUES (:system, :id, :at, '', 1, :due) "
      "ON "
      "CONFLICT (system, remote_id) DO UPDATE SET asked_at = excluded.asked_at, actor = '', due = excluded.due, tries "
      "= "
      "desk_look.tries + 1 RETURNING tries",
      system, remote_id, now + lists_lag, now + lists_lag);
  if (tries <= most_tries) return true;
  tx.exec("DELETE FROM desk_look WHERE system = :system AND remote_id = :id", system, remote_id);
  return false;
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

void postpone_look(Tx& tx, const std::string& system, const Look& look, Instant now) {
  tx.exec("UPDATE desk_look SET tries = tries + 1, due = :due WHERE system = :system AND remote_id = :id",
          now + pause(look.tries), system, look.remote_id);
}

void forget_deliveries(Tx& tx, Instant now) {
  tx.exec("DELETE FROM desk_delivery WHERE at <= :before", now - remembered);
}

}  // namespace supportd::desk_sync
