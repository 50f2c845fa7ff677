#include "daemon/store/ledger.hpp"

#include <sys/stat.h>

#include <atomic>
#include <filesystem>

#include "daemon/store/file_lock.hpp"
#include "daemon/store/ledger_file.hpp"
#include "daemon/store/pool.hpp"
#include "daemon/store/writer.hpp"

namespace supportd::store {
namespace {

const Migration own_schema{.slice = "store", .number = 1, .sql = R"(
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL);
)"};

constexpr int most_repeats = 100;

// Where a PostgreSQL ledger lives. A dump that is restored makes its tables anew, and recovery to a point in time, or a
// standby that takes over, begins another timeline.
constexpr const char* home_sql =
    "SELECT CAST(s.system_identifier AS TEXT) || ' ' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) || ' ' || "
    "CAST(d.oid AS TEXT) || ' ' || CAST(CAST(CAST('meta' AS REGCLASS) AS OID) AS TEXT) FROM pg_control_system() s, "
    "pg_database d WHERE d.datname = current_database()";

std::unique_ptr<Session> open_sqlite(const LedgerOptions& options, bool reader) {
  auto session = std::make_unique<Session>(Engine::sqlite, options.where, false);
  session->script("PRAGMA journal_mode=WAL");
  session->script(options.durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=OFF");
  session->script("PRAGMA foreign_keys=ON");
  // Rewriting random index pages at every 4 MiB of log halves the speed of bulk loads.
  session->script("PRAGMA wal_autocheckpoint=16384");
  session->script(reader ? "PRAGMA query_only=ON" : "PRAGMA cache_size=-8192");
  return session;
}

std::int64_t file_size(const std::string& file) {
  struct stat info {};
  return ::stat(file.c_str(), &info) == 0 ? info.st_size : 0;
}

}  // namespace

struct Ledger::Impl {
  std::unique_ptr<FileLock> lock;  // SQLite
  std::unique_ptr<Writer> writer;  // SQLite
  std::unique_ptr<Pool> sessions;  // SQLite: readers; PostgreSQL: all
  std::atomic<std::int64_t> commits = 0, bodies = 0, repeats = 0;
};

Ledger::Ledger(LedgerOptions options, time::Clock& clock, const std::vector<Migration>& migrations)
    : options_(std::move(options)), clock_(clock), impl_(std::make_unique<Impl>()) {
  std::vector<Migration> steps{own_schema};
  steps.insert(steps.end(), migrations.begin(), migrations.end());
  const auto now = time::to_millis(clock_.now());
  if (options_.engine == Engine::sqlite) {
    impl_->lock = std::make_unique<FileLock>(options_.where + ".lock");
    auto session = open_sqlite(options_, false);
    migrate(*session, steps, now);
    impl_->writer = std::make_unique<Writer>(std::move(session), clock_);
    impl_->sessions = std::make_unique<Pool>(clock_, options_.readers, [this] { return open_sqlite(options_, true); });
  } else {
    const auto open = [this] { return std::make_unique<Session>(Engine::postgresql, options_.where, false); };
    migrate(*open(), steps, now);
    impl_->sessions = std::make_unique<Pool>(clock_, options_.readers, open);
  }
  write([&](Tx& tx) {
    for (const char* name : {"certain_since", "began"}) {
      tx.exec("INSERT INTO meta (name, value) VALUES (:name, :at) ON CONFLICT DO NOTHING", name, std::to_string(now));
    }
    if (options_.engine == Engine::postgresql) restored_ = settle_in(tx, now);
  });
}

Ledger::~Ledger() = default;

namespace {

// A connection that was lost while nobody used it is opened again.
void begin(Session& session, std::string_view sql) {
  try {
    session.run(sql, {}, {}, {});
  } catch (const Error&) {
    if (!session.broken()) throw;
    session.reconnect();
    session.run(sql, {}, {}, {});
  }
}

}  // namespace

class Ledger::Timed {
 public:
  Timed(const Ledger& ledger, bool writes) : ledger_(ledger), writes_(writes), began_(ledger.clock_.steady()) {}
  ~Timed() {
    if (!ledger_.told_) return;
    ledger_.told_(writes_, std::chrono::duration<double>(ledger_.clock_.steady() - began_).count());
  }

 private:
  const Ledger& ledger_;
  const bool writes_;
  const std::chrono::nanoseconds began_;
};

void Ledger::write_erased(const std::function<void(Tx&)>& body, WritePriority priority) {
  const Timed timed(*this, true);
  if (impl_->writer) return impl_->writer->write(body, priority);
  std::vector<std::function<void()>> after;
  for (int tries = 1;; ++tries) {
    bool again = false;
    impl_->sessions->lend([&](Session& session) {
      Tx tx(session, clock_);
      try {
        begin(session, "BEGIN ISOLATION LEVEL SERIALIZABLE");
        body(tx);
        tx.settle();
        clock_.seam(time::Seam::before_commit);
        session.run("COMMIT", {}, {}, {});
        clock_.seam(time::Seam::after_commit);
        after = std::move(tx.after_);
      } catch (const Repeat&) {
        session.run("ROLLBACK", {}, {}, {});
        again = true;
      } catch (...) {
        if (!session.broken()) session.run("ROLLBACK", {}, {}, {});
        throw;
      }
    });
    if (!again) break;
    impl_->repeats += 1;
    if (tries == most_repeats) throw Error(ErrorKind::unreachable, "ledger: too much contention, gave up repeating");
  }
  impl_->commits += 1;
  impl_->bodies += 1;
  for (const auto& then : after) then();
}

void Ledger::read_erased(const std::function<void(Tx&)>& body) {
  const Timed timed(*this, false);
  impl_->sessions->lend([&](Session& session) {
    Tx tx(session, clock_);
    const bool sqlite = options_.engine == Engine::sqlite;
    begin(session, sqlite ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    try {
      body(tx);
    } catch (...) {
      if (!session.broken()) session.run("ROLLBACK", {}, {}, {});
      throw;
    }
    session.run("COMMIT", {}, {}, {});
  });
}

Instant Tx::lease_now() {
  if (session_.engine() == Engine::sqlite) return clock_.now();
  return *one<Instant>("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint");
}

void Ledger::backup(const std::filesystem::path& file) {
  if (options_.engine == Engine::postgresql) {
    throw Error(ErrorKind::refused, "a PostgreSQL ledger is backed up by PostgreSQL: pg_dump --format=custom --file=" +
                                        file.string() + " DATABASE (see docs/operations.md)");
  }
  impl_->sessions->lend([&](Session& session) { write_backup(session, options_.where, file); });
}

std::vector<std::string> Ledger::check() {
  if (options_.engine == Engine::postgresql) {
    throw Error(ErrorKind::refused,
                "PostgreSQL checks its own files: pg_amcheck DATABASE. Whether tickets agree with their events, "
                "supportctl ledger rebuild --verify tells");
  }
  return read([](Tx& tx) { return problems_of(tx); });
}

void Ledger::tidy() {
  if (!impl_->writer) return;  // PostgreSQL does so by itself
  impl_->writer->alone([](Session& session) {
    // Enough to choose an index by; without it the first look at a grown table reads all of it, and writers wait.
    session.script("PRAGMA analysis_limit=400");
    session.script("PRAGMA optimize");
    session.checkpoint();
  });
}

// True when it comes from elsewhere: then it may have forgotten what happened until now (rule 8).
bool Ledger::settle_in(Tx& tx, std::int64_t now) {
  const auto home = *tx.one<std::string>(home_sql);
  const auto before = tx.one<std::string>("SELECT value FROM meta WHERE name = 'home'");
  if (before == home) return false;
  tx.exec("INSERT INTO meta (name, value) VALUES ('home', :home) ON CONFLICT (name) DO UPDATE SET value = :again", home,
          home);
  if (before) tx.exec("UPDATE meta SET value = :at WHERE name = 'certain_since'", std::to_string(now));
  return before.has_value();
}

Instant Ledger::noted(const char* name) {
  const auto text =
      read([&](Tx& tx) { return tx.one<std::string>("SELECT value FROM meta WHERE name = :name", name); });
  return time::from_millis(std::stoll(text.value_or("0")));
}

Instant Ledger::certain_since() { return noted("certain_since"); }
Instant Ledger::began() { return noted("began"); }

Ledger::Figures Ledger::figures() const {
  Figures out;
  impl_->sessions->count(out.connections_lent, out.connections_idle);
  out.most_connections = options_.readers;
  if (impl_->writer) {
    ++out.connections_lent;  // the writer keeps its own
    ++out.most_connections;
    impl_->writer->figures(out);
    out.size_bytes = file_size(options_.where);
    out.wal_bytes = file_size(options_.where + "-wal");
  }
  out.commits += impl_->commits;
  out.bodies += impl_->bodies;
  out.repeats += impl_->repeats;
  return out;
}

}  // namespace supportd::store
