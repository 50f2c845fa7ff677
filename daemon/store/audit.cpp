#include "daemon/store/audit.hpp"

#include <algorithm>

#include "daemon/digest.hpp"
#include "daemon/json.hpp"

namespace supportd::store {
namespace {

constexpr const char* columns = "SELECT id, at, actor, action, object, reason, detail FROM audit ";
using Columns = std::tuple<std::int64_t, Instant, std::string, std::string, std::string, std::string, std::string>;

AuditRow to_row(Columns row) {
  auto& [id, at, actor, action, object, reason, detail] = row;
  return {id, at, {std::move(actor), std::move(action), std::move(object), std::move(reason), std::move(detail)}};
}

std::vector<AuditRow> rows(Tx& tx, const std::string& tail, std::int64_t from, std::int64_t to) {
  std::vector<AuditRow> out;
  tx.each<std::int64_t, Instant, std::string, std::string, std::string, std::string, std::string>(
      columns + tail, [&](Columns row) { out.push_back(to_row(std::move(row))); }, from, to);
  return out;
}

// Every field with its length, so that no two rows share an encoding.
std::string encode(const AuditRow& row) {
  std::string out;
  for (const std::string& part : {std::to_string(row.id), std::to_string(time::to_millis(row.at)), row.entry.actor,
                                  row.entry.action, row.entry.object, row.entry.reason, row.entry.detail}) {
    out += std::to_string(part.size()) + ":" + part;
  }
  return out;
}

std::string chain(std::string previous, const std::vector<AuditRow>& range) {
  for (const AuditRow& row : range) previous = digest::hex(digest::sha256(previous + encode(row)));
  return previous;
}

std::vector<AuditRow> between(Tx& tx, std::int64_t first, std::int64_t last) {
  return rows(tx, "WHERE id >= :first AND id <= :last ORDER BY id", first, last);
}

}  // namespace

void audit(Tx& tx, Instant now, const AuditEntry& entry) {
  // Numbers must become visible in their order, or a seal would leave one out for ever; PostgreSQL draws them first.
  if (tx.engine() == Engine::postgresql) tx.exec("SELECT pg_advisory_xact_lock(7381095)");
  tx.exec(
      "INSERT INTO audit (at, actor, action, object, reason, detail) VALUES (:at, :actor, :action, :object, :reason, "
      ":detail)",
      now, entry.actor, entry.action, entry.object, entry.reason, entry.detail);
}

std::vector<AuditRow> audit_rows(Tx& tx, std::int64_t after, int most) {
  return rows(tx, "WHERE id > :after ORDER BY id LIMIT :most", after, most);
}

std::vector<AuditRow> audit_tail(Tx& tx, int most) {
  auto out = rows(tx, "WHERE id > :after ORDER BY id DESC LIMIT :most", 0, most);
  std::ranges::reverse(out);
  return out;
}

std::optional<AuditHead> audit_seal(Tx& tx, Instant now) {
  const auto head =
      tx.one<std::int64_t, std::string>("SELECT last_id, hash FROM audit_seal ORDER BY last_id DESC LIMIT 1");
  const auto [sealed_to, previous] = head.value_or(std::tuple{std::int64_t{0}, std::string()});
  const auto fresh = audit_rows(tx, sealed_to, 100'000);
  if (fresh.empty()) return {};
  const std::string hash = chain(previous, fresh);
  tx.exec("INSERT INTO audit_seal (last_id, first_id, at, hash) VALUES (:last, :first, :at, :hash)", fresh.back().id,
          fresh.front().id, now, hash);
  return AuditHead{fresh.back().id, hash};
}

AuditVerdict audit_verify(Tx& tx) {
  AuditVerdict out;
  std::int64_t sealed_to = 0;
  const auto seals = tx.all<std::int64_t, std::int64_t, std::string>(
      "SELECT first_id, last_id, hash FROM audit_seal ORDER BY last_id");
  for (const auto& [first, last, hash] : seals) {
    const auto range = between(tx, sealed_to + 1, last);
    if (chain(out.head, range) != hash) {
      out.broken.push_back("rows " + std::to_string(first) + " to " + std::to_string(last) +
                           " do not match their seal");
    }
    out.sealed_rows += static_cast<std::int64_t>(range.size());
    out.head = hash;
    sealed_to = last;
  }
  out.unsealed_rows = *tx.one<std::int64_t>("SELECT count(*) FROM audit WHERE id > :id", sealed_to);
  return out;
}

}  // namespace supportd::store
