#include "tests/fakes/scratch.hpp"

#include <stdlib.h>

#include <cctype>
#include <stdexcept>

namespace supportd::fakes {

Scratch::Scratch() {
  std::string pattern = (std::filesystem::temp_directory_path() / "supportd-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make a temporary directory");
  path_ = pattern;
}

Scratch::~Scratch() { std::filesystem::remove_all(path_); }

store::LedgerOptions Scratch::ledger(store::Engine engine) const {
  if (engine == store::Engine::sqlite) {
    return {.engine = engine, .where = (path_ / "ledger.db").string(), .durable = false};
  }
  // Every ledger is a schema of its own in the private server's one database.
  const std::string server = ::getenv("SUPPORTD_TEST_POSTGRESQL");
  std::string schema = path_.filename().string();
  for (char& c : schema) c = c == '-' ? '_' : static_cast<char>(std::tolower(c));
  store::Session(engine, server, false).script("CREATE SCHEMA IF NOT EXISTS " + schema);
  return {.engine = engine, .where = server + " options=-csearch_path=" + schema};
}

bool have(store::Engine engine) {
  return engine == store::Engine::sqlite || ::getenv("SUPPORTD_TEST_POSTGRESQL") != nullptr;
}

std::string name_of(store::Engine engine) { return engine == store::Engine::sqlite ? "sqlite" : "postgresql"; }

}  // namespace supportd::fakes
