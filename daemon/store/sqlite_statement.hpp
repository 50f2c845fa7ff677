// One prepared statement of an SQLite connection. Values are bound where they lie and rows are read where SQLite holds
// them: nothing is copied on the way. Throws SqliteFailure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/cell.hpp"

// SOCI includes SQLite's header inside this namespace.
namespace sqlite_api {
struct sqlite3;
struct sqlite3_stmt;
}  // namespace sqlite_api

namespace supportd::store {

struct SqliteFailure {
  int code = 0;  // extended
  std::string message{};
};

class SqliteStatement {
 public:
  // REQUIRES: the connection outlives it.
  SqliteStatement(sqlite_api::sqlite3* connection, std::string_view sql);
  ~SqliteStatement();
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;

  // `in` outlives the last row.
  void begin(std::span<const Cell> in);
  // The next row, valid until the next call; empty texts and a flag for none.
  bool fetch(std::span<const Cell::Kind> out);
  std::span<const Cell> row() const { return row_; }
  // Lets go of its locks. Rows changed.
  long long end();

 private:
  [[noreturn]] void fail() const;

  sqlite_api::sqlite3* connection_;
  sqlite_api::sqlite3_stmt* statement_ = nullptr;
  std::vector<Cell> row_;
};

}  // namespace supportd::store
