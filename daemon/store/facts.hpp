// What the database tells of itself, for who watches it.
#pragma once

#include <map>
#include <string>

#include "daemon/store/ledger.hpp"

namespace supportd::store {

// The cursor of the last backup that was checked: when it was made, and into which file.
inline constexpr const char* backup_cursor = "ledger:backup";

struct Facts {
  std::int64_t size_bytes = 0;
  std::map<std::string, std::int64_t> schema{};  // the last migration applied, by slice
  Instant last_backup{};                         // 1970: none
};
Facts facts(Ledger& ledger);

}  // namespace supportd::store
