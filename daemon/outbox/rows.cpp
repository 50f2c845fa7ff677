#include "daemon/outbox/rows.hpp"

namespace supportd::outbox {

Effect rows::to_effect(Columns row) {
  Effect e;
  std::string kind, state;
  std::optional<std::string> remote_id;
  std::tie(e.id, e.key, e.ref, e.channel, e.lane, kind, state, e.subject, e.payload, e.caused_at, e.created_at,
           e.version, e.attempts, e.attempt_at, e.absent_at, e.due, remote_id, e.error, e.ended_at, e.postponed,
           e.awaits) = std::move(row);
  e.kind = kind == to_text(Kind::state) ? Kind::state : Kind::message;
  const auto known = parse_state(state);
  if (!known) throw Error(ErrorKind::corrupt, "ledger: effect " + std::to_string(e.id.value) + " in state " + state);
  e.state = *known;
  e.remote_id = remote_id.value_or("");
  return e;
}

std::optional<Effect> head_of(store::Tx& tx, const std::string& lane) {
  return load_one(tx, "WHERE lane = :lane AND state IN ('queued', 'leased', 'unknown') ORDER BY position LIMIT 1",
                  lane);
}

void save(store::Tx& tx, const Effect& e) {
  tx.exec(
      "UPDATE effect SET state = :state, payload = :payload, version = :version, attempts = :attempts, attempt_at = "
      ":attempt_at, absent_at = :absent_at, due = :due, remote_id = :remote_id, error = :error, ended_at = :ended_at, "
      "postponed = :postponed, awaits = :awaits WHERE id = :id",
      to_text(e.state), e.payload, e.version, e.attempts, e.attempt_at, e.absent_at, e.due,
      e.remote_id.empty() ? std::optional<std::string>{} : e.remote_id, e.error, e.ended_at, e.postponed, e.awaits,
      e.id);
}

void take(Effect& effect, Step step) {
  const auto next = after(effect.state, step);
  if (!next) {
    throw Error(ErrorKind::refused, "effect " + std::to_string(effect.id.value) + " is " +
                                        std::string(to_text(effect.state)) + ": that is not possible now");
  }
  effect.state = *next;
}

void reschedule(store::Tx& tx, const std::string& lane) {
  const auto head = head_of(tx, lane);
  if (head) {
    tx.exec("UPDATE lane SET due = :due, channel = :channel WHERE lane = :lane", head->due, head->channel, lane);
  } else {
    tx.exec("DELETE FROM lane WHERE lane = :lane AND lease = ''", lane);
    tx.exec("UPDATE lane SET due = leased_until WHERE lane = :lane", lane);
  }
}

}  // namespace supportd::outbox
