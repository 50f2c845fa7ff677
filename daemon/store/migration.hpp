// Numbered steps of a slice's schema, forward only, each in one transaction (rule 21).
#pragma once

#include <string>
#include <vector>

namespace supportd::store {

// Raised when a release can no longer read what older programs wrote, or writes what they cannot read.
inline constexpr int program_generation = 1;

struct Migration {
  std::string slice;
  int number = 0;  // 1, 2, 3, ... within its slice
  // Statements separated by ";\n". `{id}` becomes the engine's self-numbering primary key.
  std::string sql;
  // The oldest program that may still run on a ledger with this step applied.
  int oldest_generation = 1;
};

class Session;

// Applies what is missing. Throws Error{config} when the ledger holds steps this program may not live with.
void migrate(Session& session, const std::vector<Migration>& migrations, long long now_ms);
// Throws Error{config} when a newer program wrote the ledger and says that this one may not use it.
void check_generation(Session& session);

}  // namespace supportd::store
