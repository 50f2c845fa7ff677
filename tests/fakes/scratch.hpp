// A temporary directory of the test's own, and fresh ledgers on both engines.
#pragma once

#include <filesystem>
#include <string>

#include "daemon/store/ledger.hpp"

namespace supportd::fakes {

// Removed with all it holds when the test ends.
class Scratch {
 public:
  Scratch();
  ~Scratch();
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  // An empty ledger's options. REQUIRES have(engine).
  store::LedgerOptions ledger(store::Engine engine) const;

 private:
  std::filesystem::path path_;
};

// PostgreSQL is there when SUPPORTD_TEST_POSTGRESQL names a server (ctest's fixture starts a private one).
bool have(store::Engine engine);
// For parameterised tests: "sqlite", "postgresql".
std::string name_of(store::Engine engine);

}  // namespace supportd::fakes
