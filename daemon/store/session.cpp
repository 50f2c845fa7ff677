#include "daemon/store/session.hpp"

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <unordered_map>

#include "daemon/error.hpp"

namespace supportd::store {
namespace {

// A prepared statement with buffers at fixed places, since SOCI binds addresses.
struct Statement {
  Statement(soci::session& session, const std::string& sql, std::span<const Cell> in, std::span<const Cell::Kind> out)
      : statement(session), inputs(in.begin(), in.end()), given(in.size()), outputs(out.size()), found(out.size()) {
    for (std::size_t i = 0; i < in.size(); ++i) bind(inputs[i], given[i], true);
    for (std::size_t i = 0; i < out.size(); ++i) {
      outputs[i].kind = out[i];
      bind(outputs[i], found[i], false);
    }
    statement.alloc();
    statement.prepare(sql);
    statement.define_and_bind();
  }

  void bind(Cell& cell, soci::indicator& indicator, bool input) {
    switch (cell.kind) {
      case Cell::Kind::integer: exchange(cell.integer, indicator, input); return;
      case Cell::Kind::real: exchange(cell.real, indicator, input); return;
      case Cell::Kind::text: exchange(cell.text, indicator, input); return;
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
    if (in.size() != inputs.size() || out.size() != outputs.size()) return false;
    for (std::size_t i = 0; i < in.size(); ++i) {
      if (in[i].kind != inputs[i].kind) return false;
    }
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (out[i] != outputs[i].kind) return false;
    }
    return true;
  }

  void load(std::span<const Cell> in) {
    for (std::size_t i = 0; i < in.size(); ++i) {
      given[i] = in[i].null ? soci::i_null : soci::i_ok;
      inputs[i].integer = in[i].integer;
      inputs[i].real = in[i].real;
      inputs[i].text = in[i].text;
    }
  }

  bool fetch() {
    if (!statement.fetch()) return false;
    for (std::size_t i = 0; i < outputs.size(); ++i) outputs[i].null = found[i] == soci::i_null;
    return true;
  }

  soci::statement statement;
  std::vector<Cell> inputs;
  std::vector<soci::indicator> given;
  std::vector<Cell> outputs;
  std::vector<soci::indicator> found;
};

struct SqlHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

std::string sqlite_target(const std::string& path, bool read_only) {
  // SOCI's own timeout is in whole seconds; quoting protects blanks in the path.
  return "db=\"" + path + "\" timeout=10" + (read_only ? " readonly=true" : "");
}

}  // namespace

struct Session::Impl {
  std::string where;
  bool read_only;
  soci::session sql;
  std::unordered_map<std::string, std::unique_ptr<Statement>, SqlHash, std::equal_to<>> statements;

  sqlite_api::sqlite3* sqlite() { return static_cast<soci::sqlite3_session_backend*>(sql.get_backend())->conn_; }
};

namespace {

[[noreturn]] void translate(const soci::sqlite3_soci_error& error) {
  const std::string what = "ledger: " + error.get_error_message();
  switch (error.result() & 0xff) {
    case SQLITE_CONSTRAINT: throw Error(ErrorKind::conflict, what);
    case SQLITE_BUSY:
    case SQLITE_LOCKED: throw Error(ErrorKind::unreachable, "ledger: the SQLite file is locked by another process");
    case SQLITE_FULL: throw Error(ErrorKind::unreachable, "ledger: the disk is full: free some space, nothing is lost");
    case SQLITE_READONLY: throw Error(ErrorKind::unreachable, "ledger: the file or its directory is read-only");
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
auto translated(Engine engine, bool& broken, F&& body) {
  try {
    return body();
  } catch (const soci::sqlite3_soci_error& error) {
    translate(error);
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

Session::~Session() { impl_->statements.clear(); }

void Session::reconnect() {
  impl_->statements.clear();
  translated(engine_, broken_, [&] {
    impl_->sql.close();
    if (engine_ == Engine::sqlite) {
      impl_->sql.open(soci::sqlite3, sqlite_target(impl_->where, impl_->read_only));
      sqlite_api::sqlite3_extended_result_codes(impl_->sqlite(), 1);
    } else {
      impl_->sql.open(soci::postgresql, impl_->where);
      auto* connection = static_cast<soci::postgresql_session_backend*>(impl_->sql.get_backend())->conn_;
      PQsetNoticeProcessor(
          connection, [](void*, const char*) {}, nullptr);
      impl_->sql << "SET TIME ZONE 'UTC'";
    }
  });
  broken_ = false;
}

long long Session::run(std::string_view sql, std::span<const Cell> in, std::span<const Cell::Kind> out,
                       const RowReader& row) {
  return translated(engine_, broken_, [&]() -> long long {
    auto found = impl_->statements.find(sql);
    if (found == impl_->statements.end() || !found->second->fits(in, out)) {
      auto prepared = std::make_unique<Statement>(impl_->sql, std::string(sql), in, out);
      found = impl_->statements.insert_or_assign(std::string(sql), std::move(prepared)).first;
    }
    Statement& statement = *found->second;
    statement.load(in);
    if (out.empty()) {
      statement.statement.execute(true);
      return statement.statement.get_affected_rows();
    }
    try {
      statement.statement.execute(false);
      while (statement.fetch()) row(statement.outputs);
    } catch (...) {
      // Left half read it would keep its lock on the table.
      impl_->statements.erase(found);
      throw;
    }
    return 0;
  });
}

std::optional<long long> Session::insert(std::string_view sql, std::span<const Cell> in) {
  if (engine_ == Engine::sqlite) {
    if (run(sql, in, {}, {}) == 0) return {};
    return sqlite_api::sqlite3_last_insert_rowid(impl_->sqlite());
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
    translated(engine_, broken_, [&] { impl_->sql << statement; });
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
  sqlite3_backup* copy = sqlite3_backup_init(target, "main", impl_->sqlite(), "main");
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

int Session::checkpoint() {
  if (engine_ != Engine::sqlite) return 0;
  int moved = 0;
  sqlite_api::sqlite3_wal_checkpoint_v2(impl_->sqlite(), nullptr, SQLITE_CHECKPOINT_PASSIVE, nullptr, &moved);
  return moved;
}

}  // namespace supportd::store
