#include "jobs/tickets/aside.hpp"

#include <algorithm>

#include "daemon/digest.hpp"
#include "jobs/tickets/kernel.hpp"

namespace supportd::tickets {
namespace {

using namespace std::chrono_literals;
using store::Tx;

constexpr Millis longest_pause = 24h;
constexpr Millis unnamed_kept = std::chrono::days{7};
const std::string unnamed = "unnamed:";

Millis pause(std::int64_t tries) {
  return std::min<Millis>(longest_pause, 1min * (std::int64_t{1} << std::min<std::int64_t>(tries, 11)));
}

template <class... A>
std::vector<Aside> select(Tx& tx, const std::string& tail, const A&... args) {
  std::vector<Aside> out;
  tx.each<std::int64_t, std::string, std::string, std::string, std::string, Instant, Instant, Instant, std::int64_t>(
      "SELECT id, source, remote_id, raw, error, first_at, last_at, next_at, tries FROM aside " + tail,
      [&](auto row) {
        auto& [id, source, remote_id, raw, error, first, last, next, tries] = row;
        out.push_back(
            {id, std::move(source), std::move(remote_id), std::move(raw), std::move(error), first, last, next, tries});
      },
      args...);
  return out;
}

}  // namespace

void set_aside(Tx& tx, const std::string& source, const std::string& id, const std::string& raw,
               const std::string& error, Instant now) {
  const std::string remote_id = id.empty() ? unnamed + digest::hex(digest::sha256(raw)).substr(0, 16) : id;
  const auto tries = tx.one<std::int64_t>("SELECT tries FROM aside WHERE source = :source AND remote_id = :remote_id",
                                          source, remote_id)
                         .value_or(0);
  tx.exec(
      "INSERT INTO aside (source, remote_id, raw, error, first_at, last_at, next_at, tries) VALUES (:source, "
      ":remote_id, :raw, :error, :first, :last, :next, 1) ON CONFLICT (source, remote_id) DO UPDATE SET raw = "
      "CASE WHEN excluded.raw = '' THEN aside.raw ELSE excluded.raw END, error = excluded.error, last_at = "
      "excluded.last_at, next_at = excluded.next_at, tries = "
      "aside.tries + 1",
      source, remote_id, raw, error, now, now, now + pause(tries));
}

bool is_aside(Tx& tx, const std::string& source, const std::string& remote_id) {
  return tx
      .one<std::int64_t>("SELECT id FROM aside WHERE source = :source AND remote_id = :remote_id", source, remote_id)
      .has_value();
}

bool take_back(Tx& tx, const std::string& source, const std::string& remote_id) {
  return tx.exec("DELETE FROM aside WHERE source = :source AND remote_id = :remote_id", source, remote_id) > 0;
}

void take_back_all(Tx& tx, const std::string& source, const std::string& prefix,
                   const std::vector<std::string>& still) {
  // Not LIKE: SQLite would prepare it anew at every use.
  for (const auto& id : tx.all<std::string>(
           "SELECT remote_id FROM aside WHERE source = :source AND substr(remote_id, 1, :length) = :prefix ORDER BY "
           "remote_id",
           source, length_of(prefix), prefix)) {
    if (std::ranges::find(still, id) == still.end()) take_back(tx, source, id);
  }
}

std::vector<Aside> due_aside(Tx& tx, const std::string& source, Instant now, int most) {
  return select(tx,
                "WHERE source = :source AND next_at <= :now AND remote_id NOT LIKE :unnamed ORDER BY next_at, id LIMIT "
                ":most",
                source, now, unnamed + "%", most);
}

std::vector<Aside> list_aside(Tx& tx, int most) { return select(tx, "ORDER BY id LIMIT :most", most); }

std::map<std::string, std::int64_t> count_aside(Tx& tx) {
  std::map<std::string, std::int64_t> out;
  tx.each<std::string, std::int64_t>("SELECT source, count(*) FROM aside GROUP BY source ORDER BY source",
                                     [&](const auto& row) { out[std::get<0>(row)] = std::get<1>(row); });
  return out;
}

bool retry_aside(Tx& tx, std::int64_t id, Instant now) {
  const auto row = select(tx, "WHERE id = :id", id);
  if (!row.empty() && row.front().remote_id.starts_with(unnamed)) {
    throw Error(ErrorKind::refused, "row " + std::to_string(id) +
                                        " came without an id, so that nothing can be asked for again: supportctl aside "
                                        "drop " +
                                        std::to_string(id) + " lets go of it");
  }
  return tx.exec("UPDATE aside SET next_at = :now WHERE id = :id", now, id) > 0;
}

bool drop_aside(Tx& tx, std::int64_t id) { return tx.exec("DELETE FROM aside WHERE id = :id", id) > 0; }

std::int64_t drop_unnamed_aside(Tx& tx, Instant now) {
  return tx.exec("DELETE FROM aside WHERE remote_id LIKE :unnamed AND last_at <= :before", unnamed + "%",
                 now - unnamed_kept);
}

}  // namespace supportd::tickets
