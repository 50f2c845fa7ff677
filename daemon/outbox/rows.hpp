// The outbox's rows, read and written by the outbox and its senders only.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "daemon/outbox/effect.hpp"
#include "daemon/store/ledger.hpp"

namespace supportd::outbox {

namespace rows {
inline constexpr const char* columns =
    "SELECT id, key, ref, channel, lane, kind, state, subject, payload, caused_at, created_at, version, attempts, "
    "attempt_at, absent_at, due, remote_id, error, ended_at, postponed, awaits FROM effect ";
using Columns =
    std::tuple<EffectId, std::string, std::string, std::string, std::string, std::string, std::string, std::string,
               std::string, Instant, Instant, std::int64_t, std::int64_t, Instant, std::optional<Instant>, Instant,
               std::optional<std::string>, std::string, std::optional<Instant>, std::int64_t, std::string>;
Effect to_effect(Columns row);
}  // namespace rows

// The effects of "WHERE ... ORDER BY ... LIMIT ...".
template <class... A>
std::vector<Effect> load(store::Tx& tx, const std::string& tail, const A&... args) {
  std::vector<Effect> out;
  [&]<class... O>(std::tuple<O...>*) {
    tx.each<O...>(
        rows::columns + tail, [&](rows::Columns row) { out.push_back(rows::to_effect(std::move(row))); }, args...);
  }(static_cast<rows::Columns*>(nullptr));
  return out;
}

template <class... A>
std::optional<Effect> load_one(store::Tx& tx, const std::string& tail, const A&... args) {
  auto found = load(tx, tail, args...);
  if (found.empty()) return {};
  return std::move(found.front());
}

// Effect::error of what shadow mode parked.
inline constexpr const char* shadow_note = "shadow mode";

// First open effect of the lane.
std::optional<Effect> head_of(store::Tx& tx, const std::string& lane);
// Writes back what changes over a life.
void save(store::Tx& tx, const Effect& effect);
// Moves along the life table. Throws Error{refused} where it does not allow the step.
void take(Effect& effect, Step step);
// The lane waits for its head; without one it vanishes, once nobody has it in hand.
void reschedule(store::Tx& tx, const std::string& lane);

}  // namespace supportd::outbox
