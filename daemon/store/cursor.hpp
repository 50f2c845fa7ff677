// How far each reader of an outside system has come. A cursor moves in the transaction that keeps what was read.
#pragma once

#include <optional>
#include <string>

#include "daemon/store/ledger.hpp"

namespace supportd::store {

struct Cursor {
  std::string value;
  Instant moved{};
};

inline std::optional<Cursor> find_cursor(Tx& tx, const std::string& name) {
  const auto row = tx.one<std::string, Instant>("SELECT value, moved_at FROM cursor WHERE name = :name", name);
  if (!row) return {};
  return Cursor{std::get<0>(*row), std::get<1>(*row)};
}

inline void move_cursor(Tx& tx, const std::string& name, const std::string& value, Instant now) {
  tx.exec(
      "INSERT INTO cursor (name, value, moved_at) VALUES (:name, :value, :now) ON CONFLICT (name) DO UPDATE SET value "
      "= excluded.value, moved_at = excluded.moved_at",
      name, value, now);
}

}  // namespace supportd::store
