#include "daemon/store/session.hpp"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <unordered_map>

#include "daemon/error.hpp"
#include "daemon/store/sqlite_statement.hpp"

namespace supportd::store {
namespace {

// A prepared statement of PostgreSQL with buffers at fixed places, since SOCI binds addresses.
struct SociStatement {
  struct Buffer {
    Cell::Kind kind = Cell::Kind::integer;
    soci::indicator indicator = soci::i_ok;
    long long integer = 0;
    double real = 0;
    std::string text{};
  };

  SociStatement(soci::session& session, const std::string& sql, std::span<const Cell> in,
                std::span<const Cell::Kind> out)
      : statement(session), inputs(in.size()), outputs(out.size()), row(out.size()) {
    for (std::size_t i = 0; i < in.size(); ++i) bind(inputs[i], in[i].kind, true);
    for (std::size_t i = 0; i < out.size(); ++i) bind(outputs[i], out[i], false);
    statement.alloc();
    statement.prepare(sql);
    statement.define_and_bind();
  }

  void bind(Buffer& buffer, Cell::Kind kind, bool input) {
    buffer.kind = kind;
    switch (kind) {
      case Cell::Kind::integer: exchange(buffer.integer, buffer.indicator, input); return;
      case Cell::Kind::real: exchange(buffer.real, buffer.indicator, input); return;
      case Cell::Kind::text: exchange(buffer.text, buffer.indicator, input); return;
    }
  }

  template <class T>
  void exchange(T& place, soci::indicator& indicator, bool input) {
    if (input) {
      statement.exchange(soci::use(place, indicator));
    } else {
      statement.exchange(soci::into(place, indicator));
    }
  }

  bool fits(std::span<const Cell> in, std::span<const Cell::Kind> out) const {
    const auto same = [](const Buffer& buffer, Cell::Kind kind) { return buffer.kind == kind; };
    return std::ranges::equal(inputs, in, {}, &Buffer::kind, &Cell::kind) && std::ranges::equal(outputs, out, same);
  }

  void load(std::span<const Cell> in) {
    for (std::size_t i = 0; i < in.size(); ++i) {
      inputs[i].indicator = in[i].null ? soci::i_null : soci::i_ok;
      inputs[i].integer = in[i].integer;
      inputs[i].real = in[i].real;
      inputs[i].text = in[i].text;
    }
  }

  bool fetch() {
    if (!statement.fetch()) return false;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      const Buffer& from = outputs[i];
      row[i] = {from.kind, from.indicator == soci::i_null, from.integer, from.real, from.text};
    }
    return true;
  }

  soci::statement statement;
  std::vector<Buffer> inputs, outputs;
  std::vector<Cell> row;
};

struct SqlHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

struct CloseSqlite {
  void operator()(sqlite_api::sqlite3* connection) const { sqlite_api::sqlite3_close(connection); }
};
using SqliteConnection = std::unique_ptr<sqlite_api::sqlite3, CloseSqlite>;

// The file as a URI that makes SQLite leave nothing beside it, unless a log lies there that belongs to it.
std::string untouched(const std::string& path) {
  if (::access((path + "-wal").c_str(), F_OK) == 0) return path;
  std::string out = "file:";
  for (const char c : path) {
    if (c == '%' || c == '?' || c == '#') {
      static constexpr char digits[] = "0123456789ABCDEF";
      out += {'%', digits[static_cast<unsigned char>(c) >> 4], digits[static_cast<unsigned char>(c) & 15]};
    } else {
      out += c;
    }
  }
  return out + "?immutable=1";
}

// SQLite is not spoken to through SOCI, which copies every value on its way and lets SQLite lock a connection at each
// call, though one thread at a time has it.
SqliteConnection open_sqlite(const std::string& path, bool read_only) {
  using namespace sqlite_api;
  constexpr int patience_ms = 10'000;
  const int access = read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3* opened = nullptr;
  const std::string where = read_only ? untouched(path) : path;
  const int code = sqlite3_open_v2(where.c_str(), &opened, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, nullptr);
  SqliteConnection connection(opened);
  if (code != SQLITE_OK) throw SqliteFailure{code, "cannot open " + path + ": " + sqlite3_errmsg(opened)};
  sqlite3_extended_result_codes(opened, 1);
  sqlite3_busy_timeout(opened, patience_ms);
  return connection;
}

// SOCI's library keeps the type's typeinfo to itself, which UBSan's vptr check would ask for.
[[gnu::no_sanitize("vptr")]] PGconn* connection_of(soci::session& sql) {
  return static_cast<soci::postgresql_session_backend*>(sql.get_backend())->conn_;
}

template <class Statement>
using Statements = std::unordered_map<std::string, std::unique_ptr<Statement>, SqlHash, std::equal_to<>>;

}  // namespace

struct Session::Impl {
  std::string where;
  bool read_only;
  soci::session sql;
  SqliteConnection sqlite;
  Statements<SociStatement> on_postgresql;
  Statements<SqliteStatement> on_sqlite;

  void forget_statements() {
    on_postgresql.clear();
    on_sqlite.clear();
  }

  long long run_sqlite(std::string_view text, std::span<const Cell> in, std::span<const Cell::Kind> out,
                       const RowReader& row);
  long long run_postgresql(std::string_view text, std::span<const Cell> in, std::span<const Cell::Kind> out,
                           const RowReader& row);
};

long long Session::Impl::run_sqlite(std::string_view text, std::span<const Cell> in, std::span<const Cell::Kind> out,
                                    const RowReader& row) {
  auto found = on_sqlite.find(text);
  if (found == on_sqlite.end()) {
    found = on_sqlite.emplace(text, std::make_unique<SqliteStatement>(sqlite.get(), text)).first;
  }
  SqliteStatement& statement = *found->second;
  statement.begin(in);
  try {
    while (statement.fetch(out)) {
      if (row) row(statement.row());
    }
  } catch (...) {
    statement.end();  // half read it would keep its lock on the table
    throw;
  }
  return statement.end();
}

long long Session::Impl::run_postgresql(std::string_view text, std::span<const Cell> in,
                                        std::span<const Cell::Kind> out, const RowReader& row) {
  auto found = on_postgresql.find(text);
  if (found == on_postgresql.end() || !found->second->fits(in, out)) {
    auto prepared = std::make_unique<SociStatement>(sql, std::string(text), in, out);
    found = on_postgresql.insert_or_assign(std::string(text), std::move(prepared)).first;
  }
  SociStatement& statement = *found->second;
  statement.load(in);
  try {
    if (out.empty()) {
      statement.statement.execute(true);
      return statement.statement.get_affected_rows();
    }
    statement.statement.execute(false);
    while (statement.fetch()) row(statement.row);
    return 0;
  } catch (...) {
    on_postgresql.erase(found);  // used again it would leak what it bound for the failed attempt
    throw;
  }
}

namespace {

[[noreturn]] void translate(int sqlite_code, const std::string& message, const std::string& file) {
  const std::string where = message.find(file) == std::string::npos ? " (" + file + ")" : "";
  const std::string what = "ledger: " + message + where;
  switch (sqlite_code & 0xff) {
    case SQLITE_CONSTRAINT: throw Error(ErrorKind::conflict, what);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Error(ErrorKind::unreachable, "ledger: the SQLite file is locked by another process" + where);
    case SQLITE_FULL:
      throw Error(ErrorKind::unreachable, "ledger: the disk is full: free some space, nothing is lost" + where);
    case SQLITE_READONLY: throw Error(ErrorKind::unreachable, "ledger: the file or its directory is read-only" + where);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN: throw Error(ErrorKind::unreachable, what);
    default: throw Error(ErrorKind::corrupt, what);
  }
}

// Class 08 is a lost connection, 57 an administrator's shutdown, 53 exhausted resources (PostgreSQL, appendix A).
[[noreturn]] void translate(const soci::postgresql_soci_error& error, bool& broken) {
  const std::string state = error.sqlstate();
  const std::string what = "ledger: " + error.get_error_message();
  if (state == "40001" || state == "40P01") throw Repeat{};
  if (state.starts_with("23")) throw Error(ErrorKind::conflict, what);
  if (state.starts_with("08") || state.starts_with("57") || state.find_first_not_of(' ') == std::string::npos) {
    broken = true;
    throw Error(ErrorKind::unreachable, what);
  }
  if (state.starts_with("53") || state == "55P03") throw Error(ErrorKind::unreachable, what);
  throw Error(ErrorKind::corrupt, what);
}

template <class F>
auto translated(Engine engine, const std::string& where, bool& broken, F&& body) {
  try {
    return body();
  } catch (const SqliteFailure& failure) {
    translate(failure.code, failure.message, where);
  } catch (const soci::postgresql_soci_error& error) {
    translate(error, broken);
  } catch (const soci::soci_error& error) {
    if (engine == Engine::postgresql) broken = true;
    throw Error(ErrorKind::unreachable, "ledger: " + error.get_error_message());
  }
}

}  // namespace

Session::Session(Engine engine, const std::string& where, bool read_only)
    : engine_(engine), impl_(std::make_unique<Impl>()) {
  impl_->where = where;
  impl_->read_only = read_only;
  reconnect();
}

Session::~Session() { impl_->forget_statements(); }

void Session::reconnect() {
  impl_->forget_statements();
  translated(engine_, impl_->where, broken_, [&] {
    if (engine_ == Engine::sqlite) {
      impl_->sqlite = open_sqlite(impl_->where, impl_->read_only);
    } else {
      impl_->sql.close();
      impl_->sql.open(soci::postgresql, impl_->where);
      PQsetNoticeProcessor(
          connection_of(impl_->sql), [](void*, const char*) {}, nullptr);
      impl_->sql << "SET TIME ZONE 'UTC'";
    }
  });
  broken_ = false;
}

long long Session::run(std::string_view sql, std::span<const Cell> in, std::span<const Cell::Kind> out,
                       const RowReader& row) {
  return translated(engine_, impl_->where, broken_, [&] {
    return engine_ == Engine::sqlite ? impl_->run_sqlite(sql, in, out, row) : impl_->run_postgresql(sql, in, out, row);
  });
}

std::optional<long long> Session::insert(std::string_view sql, std::span<const Cell> in) {
  if (engine_ == Engine::sqlite) {
    if (run(sql, in, {}, {}) == 0) return {};
    return sqlite_api::sqlite3_last_insert_rowid(impl_->sqlite.get());
  }
  static constexpr Cell::Kind id[] = {Cell::Kind::integer};
  std::optional<long long> out;
  run(std::string(sql) + " RETURNING id", in, id, [&](std::span<const Cell> row) { out = row[0].integer; });
  return out;
}

void Session::script(std::string_view sql) {
  while (!sql.empty()) {
    const std::size_t end = sql.find(";\n");
    std::string statement(sql.substr(0, end));
    sql.remove_prefix(end == std::string_view::npos ? sql.size() : end + 2);
    if (statement.find_first_not_of(" \n;") == std::string::npos) continue;
    translated(engine_, impl_->where, broken_, [&] {
      if (engine_ == Engine::postgresql) {
        impl_->sql << statement;
      } else if (const int code = sqlite_api::sqlite3_exec(impl_->sqlite.get(), statement.c_str(), {}, {}, {});
                 code != SQLITE_OK) {
        throw SqliteFailure{code, sqlite_api::sqlite3_errmsg(impl_->sqlite.get())};
      }
    });
  }
}

void Session::backup_to(const std::string& file) {
  using namespace sqlite_api;
  sqlite3* target = nullptr;
  if (sqlite3_open_v2(file.c_str(), &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr) != SQLITE_OK) {
    const std::string why = sqlite3_errmsg(target);
    sqlite3_close(target);
    throw Error(ErrorKind::unreachable, "backup: cannot write " + file + ": " + why);
  }
  sqlite3_backup* copy = sqlite3_backup_init(target, "main", impl_->sqlite.get(), "main");
  int code = SQLITE_ERROR;
  if (copy != nullptr) {
    do code = sqlite3_backup_step(copy, 4096);
    while (code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED);
    code = sqlite3_backup_finish(copy);
  }
  const std::string why = sqlite3_errmsg(target);
  sqlite3_close(target);
  if (code != SQLITE_OK) throw Error(ErrorKind::unreachable, "backup: " + file + ": " + why);
}

bool Session::in_transaction() const {
  return engine_ != Engine::sqlite || sqlite_api::sqlite3_get_autocommit(impl_->sqlite.get()) == 0;
}

int Session::checkpoint() {
  if (engine_ != Engine::sqlite) return 0;
  int moved = 0;
  sqlite_api::sqlite3_wal_checkpoint_v2(impl_->sqlite.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, &moved);
  return moved;
}

}  // namespace supportd::store
