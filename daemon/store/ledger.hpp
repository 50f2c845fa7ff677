// The ledger: every fact, decision and debt of the daemon, in SQLite or PostgreSQL behind the same few calls (rule 18).
// Thread-safe. Bodies run as if alone: one writer at a time on SQLite (waiting bodies share one commit), serializable
// and repeated on PostgreSQL. So a body may run more than once and has no effect outside its Tx.
#pragma once

#include <any>
#include <array>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "daemon/error.hpp"
#include "daemon/store/migration.hpp"
#include "daemon/store/session.hpp"
#include "daemon/time/clock.hpp"

namespace supportd::store {

template <class... O>
struct RowOf {
  using type = std::tuple<O...>;
};
template <class O>
struct RowOf<O> {
  using type = O;
};
// A row of one column is that column's value, of several a tuple.
template <class... O>
using Row = typename RowOf<O...>::type;

// One transaction's view of the ledger. Valid only inside its body. Placeholders are `:name`, bound in the order they
// stand in the text, each once.
class Tx {
 public:
  Tx(Session& session, const time::Clock& clock) : session_(session), clock_(clock) {}
  Tx(const Tx&) = delete;
  Tx& operator=(const Tx&) = delete;

  // Rows changed.
  template <class... A>
  long long exec(std::string_view sql, const A&... args) {
    const auto in = cells(args...);
    return session_.run(sql, in, {}, {});
  }

  // An INSERT into a table with an `{id}`: the new row's; nothing when ON CONFLICT DO NOTHING kept it out.
  template <class I, class... A>
  std::optional<I> insert(std::string_view sql, const A&... args) {
    const auto in = cells(args...);
    const auto id = session_.insert(sql, in);
    if (!id) return {};
    return Column<I>::get(Cell{.integer = *id, .text = {}});
  }

  // The only row, if there is one; a second is an error of ours.
  template <class... O, class... A>
  std::optional<Row<O...>> one(std::string_view sql, const A&... args) {
    std::optional<Row<O...>> out;
    each<O...>(
        sql,
        [&](Row<O...> row) {
          if (out) throw Error(ErrorKind::corrupt, "ledger: more than one row for: " + std::string(sql));
          out = std::move(row);
        },
        args...);
    return out;
  }

  template <class... O, class... A>
  std::vector<Row<O...>> all(std::string_view sql, const A&... args) {
    std::vector<Row<O...>> out;
    each<O...>(
        sql, [&](Row<O...> row) { out.push_back(std::move(row)); }, args...);
    return out;
  }

  // `reader` must not run statements with the same text.
  template <class... O, class F, class... A>
  void each(std::string_view sql, F&& reader, const A&... args) {
    static constexpr std::array<Cell::Kind, sizeof...(O)> out{Column<O>::kind...};
    const auto in = cells(args...);
    session_.run(sql, in, out, [&](std::span<const Cell> row) {
      [&]<std::size_t... I>(std::index_sequence<I...>) {
        (require_value<O>(row[I], sql), ...);
        reader(Row<O...>{Column<O>::get(row[I])...});
      }
      (std::index_sequence_for<O...>{});
    });
  }

  // Undoes what `body` wrote when it throws, and lets the exception on.
  template <class F>
  void attempt(F&& body) {
    settle();
    session_.run("SAVEPOINT attempt", {}, {}, {});
    const std::size_t armed = after_.size();
    try {
      body();
      settle();
    } catch (...) {
      after_.resize(armed);
      owed_ = {};
      memo_.reset();
      if (session_.in_transaction()) {
        session_.run("ROLLBACK TO SAVEPOINT attempt", {}, {}, {});
        session_.run("RELEASE SAVEPOINT attempt", {}, {}, {});
      }
      throw;
    }
    session_.run("RELEASE SAVEPOINT attempt", {}, {}, {});
  }

  // What the body has read or written last and may need again at once; empty at first, and after an undone attempt.
  // Whoever writes such a row otherwise must empty it.
  template <class T>
  std::optional<T>& memo() {
    if (std::any_cast<std::optional<T>>(&memo_) == nullptr) memo_ = std::optional<T>();
    return *std::any_cast<std::optional<T>>(&memo_);
  }

  // Writes later, once, what a body changes step by step: at settle(), which the end of the transaction and both ends
  // of an attempt call too. What an undone attempt owes is forgotten. One thing may be owed at a time, by `write`
  // again.
  void owe(std::function<void()> write) {
    settle();
    owed_ = std::move(write);
  }
  bool owes() const { return owed_ != nullptr; }
  void settle() {
    while (const auto write = std::exchange(owed_, {})) write();
  }

  // Runs once this transaction has been committed; not when it is undone.
  void after_commit(std::function<void()> then) { after_.push_back(std::move(then)); }

  // The clock leases live by: the database's on PostgreSQL, this machine's on SQLite (rule 24).
  Instant lease_now();
  Engine engine() const { return session_.engine(); }

 private:
  friend class Ledger;
  friend class Writer;

  template <class... A>
  static std::array<Cell, sizeof...(A)> cells(const A&... args) {
    std::array<Cell, sizeof...(A)> out;
    [[maybe_unused]] std::size_t i = 0;
    (
        [&] {
          using C = Column<std::decay_t<const A&>>;
          out[i].kind = C::kind;
          C::put(out[i], args);
          ++i;
        }(),
        ...);
    return out;
  }

  template <class O>
  static void require_value(const Cell& cell, std::string_view sql) {
    if constexpr (!is_optional<O>) {
      if (cell.null) throw Error(ErrorKind::corrupt, "ledger: unexpected NULL from: " + std::string(sql));
    }
  }

  Session& session_;
  const time::Clock& clock_;
  std::vector<std::function<void()>> after_;
  std::function<void()> owed_;
  std::any memo_;
};

// Who goes first when writers wait: an operator, a deadline and a sender before a bulk load.
enum class WritePriority { urgent, normal, bulk };

struct LedgerOptions {
  Engine engine = Engine::sqlite;
  std::string where;    // SQLite: the file; PostgreSQL: a connection string
  int readers = 4;      // PostgreSQL: connections in all
  bool durable = true;  // false (simulation only): SQLite does not wait for the disk
};

class Ledger {
 public:
  // Opens or creates it and applies what migrations are missing. Throws Error{config} when another daemon holds the
  // SQLite file or the ledger is newer than this program, {unreachable}, {corrupt}.
  Ledger(LedgerOptions options, time::Clock& clock, const std::vector<Migration>& migrations);
  ~Ledger();

  // Returns what the body returns, after the commit.
  template <class F>
  auto write(F&& body, WritePriority priority = WritePriority::normal) {
    using R = std::invoke_result_t<F, Tx&>;
    if constexpr (std::is_void_v<R>) {
      write_erased([&](Tx& tx) { body(tx); }, priority);
    } else {
      std::optional<R> out;
      write_erased([&](Tx& tx) { out.emplace(body(tx)); }, priority);
      return std::move(*out);
    }
  }

  // What a write would do: runs the body as one, undoes it, returns what it returned.
  template <class F>
  auto rehearse(F&& body, WritePriority priority = WritePriority::normal) {
    using R = std::invoke_result_t<F, Tx&>;
    struct Undo : std::exception {};
    const auto undone = [&](const auto& run) {
      try {
        write_erased(
            [&](Tx& tx) {
              run(tx);
              tx.settle();
              throw Undo();
            },
            priority);
      } catch (const Undo&) {  // as wanted
      }
    };
    if constexpr (std::is_void_v<R>) {
      undone([&](Tx& tx) { body(tx); });
    } else {
      std::optional<R> out;
      undone([&](Tx& tx) { out.emplace(body(tx)); });
      return std::move(*out);
    }
  }

  // A consistent snapshot; writes are refused by the database.
  template <class F>
  auto read(F&& body) {
    using R = std::invoke_result_t<F, Tx&>;
    if constexpr (std::is_void_v<R>) {
      read_erased([&](Tx& tx) { body(tx); });
    } else {
      std::optional<R> out;
      read_erased([&](Tx& tx) { out.emplace(body(tx)); });
      return std::move(*out);
    }
  }

  Engine engine() const { return options_.engine; }
  const std::string& where() const { return options_.where; }
  // Online copy, as write_backup(). Throws Error{refused} on PostgreSQL, naming pg_dump.
  void backup(const std::filesystem::path& file);
  // Problems the database finds in itself; empty when sound. Throws Error{refused} on PostgreSQL, naming what to use.
  std::vector<std::string> check();
  // For an idle moment: fresh statistics for the query planner, and the log moved into the file.
  void tidy();
  // Before an effect caused earlier than this is sent for the first time, it is looked for (rule 8). Set at the first
  // start, by restore(), and when a PostgreSQL ledger is found elsewhere than it was.
  Instant certain_since();
  // That it was, as this one was opened.
  bool restored() const { return restored_; }
  // Of the first start. Later than that but before it is certain, something may have happened that it has forgotten.
  Instant began();

  struct Figures {
    std::int64_t size_bytes = 0, wal_bytes = 0;
    std::int64_t waiting = 0;                             // bodies waiting for the writer
    std::optional<std::chrono::nanoseconds> oldest_wait;  // how long the longest has waited; by Clock::steady
    std::int64_t commits = 0, bodies = 0, repeats = 0;
    int connections_lent = 0, connections_idle = 0, most_connections = 0;  // the writer's among them
  };
  Figures figures() const;
  // Told each write's or read's length from the call to its end, in seconds. REQUIRES: nobody else uses it yet.
  void when_done(std::function<void(bool wrote, double seconds)> told) { told_ = std::move(told); }

 private:
  struct Impl;
  class Timed;
  Instant noted(const char* name);
  bool settle_in(Tx& tx, std::int64_t now);
  void write_erased(const std::function<void(Tx&)>& body, WritePriority priority);
  void read_erased(const std::function<void(Tx&)>& body);

  LedgerOptions options_;
  time::Clock& clock_;
  bool restored_ = false;
  std::function<void(bool, double)> told_;
  std::unique_ptr<Impl> impl_;
};

}  // namespace supportd::store
