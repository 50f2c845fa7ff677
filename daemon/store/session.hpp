// One connection to a ledger and its prepared statements. Hides SQLite, SOCI (for PostgreSQL) and the
// error codes of both.
// Not thread-safe: a session is lent to one thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/store/cell.hpp"

namespace supportd::store {

enum class Engine { sqlite, postgresql };

// Thrown inside a transaction that the database asks to repeat (PostgreSQL 40001, 40P01). Never leaves Ledger.
struct Repeat {};

// Called for each row of a result.
using RowReader = std::function<void(std::span<const Cell>)>;

class Session {
 public:
  // A PostgreSQL connection string, or the path of an SQLite file. `read_only`: nothing is written, nor beside it.
  Session(Engine engine, const std::string& where, bool read_only);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  Engine engine() const { return engine_; }
  // Runs one statement, prepared at first use. Rows changed for a statement without result columns.
  // Throws Error{conflict} on a violated constraint, {unreachable} when the database cannot be used now (locked,
  // disk full, connection lost), {corrupt} on a damaged file or a wrong statement.
  long long run(std::string_view sql, std::span<const Cell> in, std::span<const Cell::Kind> out, const RowReader& row);
  // Runs an INSERT into a table whose key the ledger numbers. The new row's id; nothing when ON CONFLICT DO NOTHING
  // kept it out. On SQLite a RETURNING clause would cost as much again as the row.
  std::optional<long long> insert(std::string_view sql, std::span<const Cell> in);
  // Runs statements separated by ";\n" that bind nothing.
  void script(std::string_view sql);
  // A lost PostgreSQL connection is opened again; statements are prepared anew.
  void reconnect();
  bool broken() const { return broken_; }
  // False when SQLite has undone the whole transaction by itself, as it does on a full disk.
  bool in_transaction() const;

  // Online copy of an SQLite ledger into `file`, in steps, so that writers go on meanwhile.
  void backup_to(const std::string& file);
  // Pages moved from the WAL into the SQLite file; 0 on PostgreSQL.
  int checkpoint();

 private:
  struct Impl;
  Engine engine_;
  bool broken_ = false;
  std::unique_ptr<Impl> impl_;
};

}  // namespace supportd::store
