// Rows written by hand through SQLite's C API, prepared once: what a ledger's rows cost without the ledger.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace supportd::bench {

using Value = std::variant<std::monostate, std::int64_t, std::string>;

struct RawRow {
  std::size_t table = 0;
  std::vector<Value> values;
};

struct Recording {
  std::vector<std::string> inserts;          // a table each
  std::vector<std::vector<RawRow>> commits;  // in the order of writing
  std::size_t rows() const;
};

// What `written` holds beyond `base`, both closed, in transactions of `tickets_a_commit` tickets.
Recording record(const std::filesystem::path& base, const std::filesystem::path& written, int tickets_a_commit);

// Opens `file`, a copy of the base, with the ledger's pragmas.
class RawWriter {
 public:
  RawWriter(const std::filesystem::path& file, const Recording& recording);
  ~RawWriter();
  RawWriter(const RawWriter&) = delete;
  RawWriter& operator=(const RawWriter&) = delete;
  void write();

 private:
  struct Handles;
  const Recording& recording_;
  Handles* handles_;
};

// All tables' rows but the cursors', as one text.
std::string dump(const std::filesystem::path& file);

// How many rows each table has.
std::map<std::string, std::int64_t> row_counts(const std::filesystem::path& file);

}  // namespace supportd::bench
