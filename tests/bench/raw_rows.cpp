#include "tests/bench/raw_rows.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <functional>
#include <map>
#include <stdexcept>
#include <utility>

namespace supportd::bench {
namespace {

void check(int code, sqlite3* database) {
  if (code != SQLITE_OK && code != SQLITE_ROW && code != SQLITE_DONE)
    throw std::runtime_error(sqlite3_errmsg(database));
}

sqlite3* open(const std::filesystem::path& file) {
  sqlite3* database = nullptr;
  check(sqlite3_open(file.c_str(), &database), database);
  return database;
}

using Reader = std::function<void(const std::vector<Value>&)>;

void query(sqlite3* database, const std::string& sql, const Reader& reader) {
  sqlite3_stmt* statement = nullptr;
  check(sqlite3_prepare_v2(database, sql.c_str(), -1, &statement, nullptr), database);
  while (sqlite3_step(statement) == SQLITE_ROW) {
    std::vector<Value> row;
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
      switch (sqlite3_column_type(statement, i)) {
        case SQLITE_NULL: row.emplace_back(); break;
        case SQLITE_INTEGER: row.emplace_back(std::int64_t{sqlite3_column_int64(statement, i)}); break;
        default: row.emplace_back(std::string(reinterpret_cast<const char*>(sqlite3_column_text(statement, i)))); break;
      }
    }
    reader(row);
  }
  check(sqlite3_finalize(statement), database);
}

// Each table's rows with the ticket they belong to, 0 for those of nobody's; parents before children.
struct Source {
  std::string table, rows;
};
const Source sources[] = {
    {"organisation", "SELECT 0, t.* FROM organisation t"},
    {"organisation_alias", "SELECT 0, t.* FROM organisation_alias t"},
    {"person", "SELECT 0, t.* FROM person t"},
    {"person_alias", "SELECT 0, t.* FROM person_alias t"},
    {"ticket", "SELECT t.id, t.* FROM ticket t"},
    {"link", "SELECT t.ticket, t.* FROM link t"},
    {"content", "SELECT m.ticket, t.* FROM message m JOIN content t ON t.id IN (m.content, m.html)"},
    {"message", "SELECT t.ticket, t.* FROM message t"},
    {"attachment", "SELECT m.ticket, t.* FROM attachment t JOIN message m ON m.id = t.message"},
    {"ticket_event", "SELECT t.ticket, t.* FROM ticket_event t"},
};

std::int64_t count(sqlite3* database, const std::string& table) {
  std::int64_t out = 0;
  query(database, "SELECT count(*) FROM " + table,
        [&](const std::vector<Value>& row) { out = std::get<std::int64_t>(row[0]); });
  return out;
}

std::vector<std::string> tables(sqlite3* database) {
  std::vector<std::string> out;
  query(database, "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
        [&](const std::vector<Value>& row) { out.push_back(std::get<std::string>(row[0])); });
  return out;
}

// A row somebody writes that the bench does not know would make the comparison unfair.
void expect_known(sqlite3* base, sqlite3* written) {
  for (const std::string& table : tables(written)) {
    const bool known = std::ranges::any_of(sources, [&](const Source& source) { return source.table == table; });
    if (known || table == "cursor") continue;
    if (count(base, table) != count(written, table)) throw std::runtime_error("rows of " + table + " are not replayed");
  }
}

constexpr const char* move_cursor =
    "INSERT INTO cursor VALUES (?,?,?) ON CONFLICT (name) DO UPDATE SET value = excluded.value, moved_at = "
    "excluded.moved_at";

}  // namespace

std::size_t Recording::rows() const {
  std::size_t out = 0;
  for (const auto& commit : commits) out += commit.size();
  return out;
}

Recording record(const std::filesystem::path& base, const std::filesystem::path& written, int tickets_a_commit) {
  sqlite3* before = open(base);
  sqlite3* after = open(written);
  expect_known(before, after);
  sqlite3_close(before);
  Recording out;
  std::map<std::int64_t, std::vector<RawRow>> by_ticket;
  for (const Source& source : sources) {
    std::size_t columns = 0;
    query(after, source.rows, [&](const std::vector<Value>& row) {
      columns = row.size() - 1;
      by_ticket[std::get<std::int64_t>(row[0])].push_back({out.inserts.size(), {row.begin() + 1, row.end()}});
    });
    std::string marks;
    for (std::size_t i = 0; i < columns; ++i) marks += i == 0 ? "?" : ",?";
    out.inserts.push_back("INSERT INTO " + source.table + " VALUES (" + marks + ")");
    if (columns == 0) out.inserts.back() = "SELECT 1";  // nothing to write there
  }
  sqlite3_close(after);
  out.inserts.emplace_back(move_cursor);
  constexpr int tickets_a_page = 100;
  int tickets = 0;
  std::vector<RawRow> commit;
  for (auto& [ticket, rows] : by_ticket) {
    std::ranges::move(rows, std::back_inserter(commit));
    if (ticket == 0) continue;
    ++tickets;
    if (tickets % tickets_a_page == 0) {
      commit.push_back(
          {out.inserts.size() - 1,
           {std::string("desk_sync:freshdesk:main"), std::to_string(tickets), std::int64_t{1'800'000'000'000}}});
    }
    if (tickets % tickets_a_commit == 0) out.commits.push_back(std::exchange(commit, {}));
  }
  if (!commit.empty()) out.commits.push_back(std::move(commit));
  return out;
}

struct RawWriter::Handles {
  sqlite3* database = nullptr;
  std::vector<sqlite3_stmt*> inserts;
};

RawWriter::RawWriter(const std::filesystem::path& file, const Recording& recording)
    : recording_(recording), handles_(new Handles) {
  handles_->database = open(file);
  for (const char* pragma : {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA foreign_keys=ON",
                             "PRAGMA wal_autocheckpoint=16384", "PRAGMA cache_size=-8192"}) {
    check(sqlite3_exec(handles_->database, pragma, nullptr, nullptr, nullptr), handles_->database);
  }
  for (const std::string& sql : recording_.inserts) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(handles_->database, sql.c_str(), -1, &statement, nullptr), handles_->database);
    handles_->inserts.push_back(statement);
  }
}

RawWriter::~RawWriter() {
  for (sqlite3_stmt* statement : handles_->inserts) sqlite3_finalize(statement);
  sqlite3_close(handles_->database);
  delete handles_;
}

void RawWriter::write() {
  sqlite3* database = handles_->database;
  for (const auto& commit : recording_.commits) {
    check(sqlite3_exec(database, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), database);
    for (const RawRow& row : commit) {
      sqlite3_stmt* statement = handles_->inserts[row.table];
      for (std::size_t i = 0; i < row.values.size(); ++i) {
        const int at = static_cast<int>(i) + 1;
        if (const auto* number = std::get_if<std::int64_t>(&row.values[i])) {
          sqlite3_bind_int64(statement, at, *number);
        } else if (const auto* text = std::get_if<std::string>(&row.values[i])) {
          sqlite3_bind_text(statement, at, text->data(), static_cast<int>(text->size()), SQLITE_STATIC);
        } else {
          sqlite3_bind_null(statement, at);
        }
      }
      check(sqlite3_step(statement), database);
      sqlite3_reset(statement);
    }
    check(sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr), database);
  }
}

std::map<std::string, std::int64_t> row_counts(const std::filesystem::path& file) {
  sqlite3* database = open(file);
  std::map<std::string, std::int64_t> out;
  for (const std::string& table : tables(database)) out[table] = count(database, table);
  sqlite3_close(database);
  return out;
}

std::string dump(const std::filesystem::path& file) {
  sqlite3* database = open(file);
  std::string out;
  for (const std::string& table : tables(database)) {
    if (table == "cursor") continue;
    out += table + "\n";
    query(database, "SELECT * FROM " + table + " ORDER BY 1, 2", [&](const std::vector<Value>& row) {
      for (const Value& value : row) {
        if (const auto* number = std::get_if<std::int64_t>(&value)) out += std::to_string(*number);
        if (const auto* text = std::get_if<std::string>(&value)) out += *text;
        out += '\x1f';
      }
      out += '\n';
    });
  }
  sqlite3_close(database);
  return out;
}

}  // namespace supportd::bench
