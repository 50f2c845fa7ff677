#include "daemon/store/facts.hpp"

#include "daemon/store/cursor.hpp"

namespace supportd::store {

Facts facts(Ledger& ledger) {
  Facts out;
  ledger.read([&](Tx& tx) {
    out.size_bytes = ledger.engine() == Engine::sqlite
                         ? ledger.figures().size_bytes
                         : *tx.one<std::int64_t>("SELECT pg_database_size(current_database())");
    tx.each<std::string, std::int64_t>("SELECT slice, MAX(number) FROM schema_step GROUP BY slice ORDER BY slice",
                                       [&](const auto& row) { out.schema[std::get<0>(row)] = std::get<1>(row); });
    if (const auto backup = find_cursor(tx, backup_cursor)) out.last_backup = backup->moved;
  });
  return out;
}

}  // namespace supportd::store
