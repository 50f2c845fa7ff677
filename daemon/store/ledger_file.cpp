#include "daemon/store/ledger_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "daemon/store/file_lock.hpp"

namespace supportd::store {
namespace {

namespace fs = std::filesystem;

constexpr std::array companions{"", "-wal", "-shm", "-journal"};

fs::path beside(const fs::path& file, const std::string& suffix) { return file.string() + suffix; }

// A copy in the making: gone when it is not finished.
class Part {
 public:
  explicit Part(const fs::path& file) : path(beside(file, ".part")) { remove(); }
  ~Part() { remove(); }
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

  const fs::path path;

 private:
  void remove() const {
    std::error_code ignored;
    for (const char* suffix : companions) fs::remove(beside(path, suffix), ignored);
  }
};

[[noreturn]] void cannot(const std::string& what, const fs::path& file) {
  throw Error(ErrorKind::unreachable, what + " " + file.string() + ": " + std::strerror(errno));
}

// On the disk, not in its cache.
void sync(const fs::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) cannot("cannot open", file);
  const int failed = ::fsync(descriptor);
  ::close(descriptor);
  if (failed != 0) cannot("cannot write", file);
}

fs::path directory_of(const fs::path& file) { return file.has_parent_path() ? file.parent_path() : fs::path("."); }

void put_in_place(const fs::path& part, const fs::path& file) {
  sync(part);
  fs::rename(part, file);
  sync(directory_of(file));
}

void check_place(const fs::path& file, const fs::path& ledger) {
  const auto refuse = [&](const std::string& why) { throw Error(ErrorKind::refused, file.string() + " " + why); };
  for (const char* suffix : {"", "-wal", "-shm", "-journal", ".lock"}) {
    std::error_code ignored;
    const fs::path mine = beside(ledger, suffix);
    if (fs::weakly_canonical(file, ignored) == fs::weakly_canonical(mine, ignored) ||
        fs::equivalent(file, mine, ignored)) {
      refuse("is the living ledger: name another file");
    }
  }
  if (fs::is_directory(file)) refuse("is a directory: name a file in it");
  if (fs::exists(file) && !fs::is_regular_file(file)) refuse("is no file");
  if (!fs::is_directory(directory_of(file)))
    refuse("cannot be written: there is no directory " + directory_of(file).string());
}

// "it is sound" or what is wrong, in one line.
void require_sound(const fs::path& file) {
  const auto problems = check_file(file);
  if (problems.empty()) return;
  throw Error(ErrorKind::corrupt, file.string() + " is not sound: " + problems.front() +
                                      (problems.size() > 1 ? " (and " + std::to_string(problems.size() - 1) +
                                                                 " more: supportctl ledger check FILE)"
                                                           : ""));
}

// Owned and readable as what it takes the place of; root restores for a service that is somebody else.
void own_as(const fs::path& file, const fs::path& ledger) {
  struct stat like {};
  const bool replaces = ::stat(ledger.c_str(), &like) == 0;
  if (!replaces && ::stat(directory_of(ledger).c_str(), &like) != 0) return;
  if (::geteuid() == 0 && ::chown(file.c_str(), like.st_uid, like.st_gid) != 0) cannot("cannot give away", file);
  if (::chmod(file.c_str(), replaces ? like.st_mode & 0777 : 0600) != 0) cannot("cannot set the mode of", file);
}

// The ledger that was there and its log, which belong together.
fs::path keep_aside(const fs::path& ledger, Instant now) {
  if (!fs::exists(ledger)) return {};
  std::string stamp = time::to_text(now);
  std::erase_if(stamp, [](char c) { return c == ':' || c == '-'; });
  const fs::path kept = beside(ledger, ".before-restore-" + stamp);
  fs::remove(beside(ledger, "-shm"));
  if (fs::exists(beside(ledger, "-wal"))) fs::rename(beside(ledger, "-wal"), beside(kept, "-wal"));
  fs::rename(ledger, kept);
  return kept;
}

}  // namespace

std::vector<std::string> problems_of(Tx& tx) {
  std::vector<std::string> found;
  for (const std::string& text : tx.all<std::string>("PRAGMA integrity_check")) {
    // One answer may be of several lines.
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      if (std::string line = text.substr(at, end - at); line != "ok" && !line.empty()) found.push_back(std::move(line));
      at = end + 1;
    }
  }
  const auto orphans =
      tx.all<std::string, std::optional<long long>, std::string, long long>("PRAGMA foreign_key_check");
  for (const auto& [table, row, parent, key] : orphans) {
    found.push_back(table + " row " + std::to_string(row.value_or(0)) + " points to a missing row of " + parent);
  }
  return found;
}

std::vector<std::string> check_file(const fs::path& file) {
  if (!fs::is_regular_file(file)) throw Error(ErrorKind::gone, "there is no file " + file.string());
  Session session(Engine::sqlite, file.string(), true);
  const time::MachineClock clock;
  Tx tx(session, clock);
  try {
    auto found = problems_of(tx);
    if (!tx.one<int>("SELECT 1 FROM sqlite_master WHERE name = 'schema_step'")) {
      found.push_back("it is no supportd ledger");
    }
    return found;
  } catch (const Error& error) {  // damaged beyond counting what is wrong, or no database at all
    if (error.kind() != ErrorKind::corrupt) throw;
    return {error.what()};
  }
}

namespace {

bool is_ledger(const fs::path& file) {
  try {
    Session session(Engine::sqlite, file.string(), true);
    const time::MachineClock clock;
    return Tx(session, clock).one<int>("SELECT 1 FROM sqlite_master WHERE name = 'schema_step'").has_value();
  } catch (const Error&) {  // no database
    return false;
  }
}

}  // namespace

void write_backup(Session& session, const fs::path& ledger, const fs::path& file) {
  check_place(file, ledger);
  if (fs::exists(file) && fs::file_size(file) > 0 && !is_ledger(file)) {
    throw Error(ErrorKind::refused,
                file.string() + " is no ledger, and would be lost: name another file, or remove it");
  }
  const Part part(file);
  session.backup_to(part.path.string());
  fs::permissions(part.path, fs::perms::owner_read | fs::perms::owner_write);  // customers' words
  // One file, with nothing beside it.
  Session(Engine::sqlite, part.path.string(), false).script("PRAGMA journal_mode=DELETE");
  require_sound(part.path);
  put_in_place(part.path, file);
}

fs::path restore(const fs::path& backup, const fs::path& ledger, Instant now) {
  require_sound(backup);
  const FileLock lock(beside(ledger, ".lock"));
  own_as(beside(ledger, ".lock"), ledger);
  const Part part(ledger);
  fs::copy_file(backup, part.path);
  if (const fs::path log = beside(backup, "-wal"); fs::exists(log)) fs::copy_file(log, beside(part.path, "-wal"));
  {
    Session session(Engine::sqlite, part.path.string(), false);
    check_generation(session);
    const std::string since = std::to_string(time::to_millis(now));
    const Cell at{.kind = Cell::Kind::text, .text = since};
    if (session.run("UPDATE meta SET value = :at WHERE name = 'certain_since'", {&at, 1}, {}, {}) != 1) {
      throw Error(ErrorKind::corrupt, backup.string() + " is not a supportd ledger");
    }
    session.script("PRAGMA journal_mode=DELETE");
  }
  own_as(part.path, ledger);
  const fs::path kept = keep_aside(ledger, now);
  put_in_place(part.path, ledger);
  return kept;
}

}  // namespace supportd::store
