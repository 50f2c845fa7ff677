#include "daemon/store/sqlite_statement.hpp"

#include <soci/sqlite3/soci-sqlite3.h>

namespace supportd::store {

using namespace sqlite_api;

SqliteStatement::SqliteStatement(sqlite3* connection, std::string_view sql) : connection_(connection) {
  const int code = sqlite3_prepare_v3(connection, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                      &statement_, nullptr);
  if (code != SQLITE_OK) fail();
}

SqliteStatement::~SqliteStatement() { sqlite3_finalize(statement_); }

void SqliteStatement::begin(std::span<const Cell> in) {
  for (std::size_t i = 0; i < in.size(); ++i) {
    const Cell& cell = in[i];
    const int at = static_cast<int>(i) + 1;
    int code = SQLITE_OK;
    if (cell.null) {
      code = sqlite3_bind_null(statement_, at);
    } else if (cell.kind == Cell::Kind::integer) {
      code = sqlite3_bind_int64(statement_, at, cell.integer);
    } else if (cell.kind == Cell::Kind::real) {
      code = sqlite3_bind_double(statement_, at, cell.real);
    } else {
      // A view of nothing may point nowhere, which SQLite would take for NULL.
      const char* text = cell.text.empty() ? "" : cell.text.data();
      code = sqlite3_bind_text64(statement_, at, text, cell.text.size(), SQLITE_STATIC, SQLITE_UTF8);
    }
    if (code != SQLITE_OK) fail();
  }
}

bool SqliteStatement::fetch(std::span<const Cell::Kind> out) {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_DONE) return false;
  if (code != SQLITE_ROW) fail();
  row_.resize(out.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int at = static_cast<int>(i);
    Cell& cell = row_[i];
    cell = {.kind = out[i], .null = sqlite3_column_type(statement_, at) == SQLITE_NULL, .text = {}};
    if (cell.null) continue;
    switch (out[i]) {
      case Cell::Kind::integer: cell.integer = sqlite3_column_int64(statement_, at); break;
      case Cell::Kind::real: cell.real = sqlite3_column_double(statement_, at); break;
      case Cell::Kind::text: {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, at));
        cell.text = {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, at))};
        break;
      }
    }
  }
  return true;
}

long long SqliteStatement::end() {
  sqlite3_reset(statement_);
  return sqlite3_changes(connection_);
}

void SqliteStatement::fail() const {
  SqliteFailure failure{sqlite3_extended_errcode(connection_), sqlite3_errmsg(connection_)};
  if (statement_ != nullptr) sqlite3_reset(statement_);
  throw failure;
}

}  // namespace supportd::store
