#include "tests/bench/linked_ledger.hpp"

#include <sqlite3.h>

#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace supportd::bench {
namespace {

// How a copy's columns differ: `:n` is how many there are of each, j the copy's number, 0 the original.
const std::string mark = "CASE j WHEN 0 THEN '' ELSE '-' || j END";
std::string shifted(const std::string& column) { return column + " * :n + j"; }
std::string marked(const std::string& column) { return column + " || " + mark; }
// The ids in a JSON object that are there.
std::string shifted_in(const std::string& json, const std::vector<std::string>& names) {
  std::string out = json;
  for (const std::string& name : names) {
    const std::string value = "json_extract(" + json + ", '$." + name + "')";
    out = "CASE WHEN coalesce(" + value + ", 0) = 0 THEN " + out + " ELSE json_set(" + out + ", '$." + name + "', " +
          shifted(value) + ") END";
  }
  return out;
}

using Columns = std::map<std::string, std::string>;
const std::map<std::string, Columns> copied = {
    {"ticket", {{"id", shifted("id")}}},
    {"link", {{"remote_id", marked("remote_id")}, {"ticket", shifted("ticket")}}},
    {"content", {{"id", shifted("id")}}},
    {"message",
     {{"id", shifted("id")},
      {"ticket", shifted("ticket")},
      {"identity", marked("identity")},
      {"content", shifted("content")},
      {"html", shifted("html")}}},
    {"ticket_event",
     {{"id", shifted("id")},
      {"ticket", shifted("ticket")},
      {"identity", marked("identity")},
      {"data", shifted_in("data", {"message"})}}},
    {"effect",
     {{"id", shifted("id")},
      {"position", shifted("position")},
      {"key", marked("key")},
      {"lane", marked("lane")},
      {"subject", "'ticket:' || (" + shifted("substr(subject, 8)") + ")"},
      {"payload", shifted_in("payload", {"ticket", "message", "content"})},
      {"remote_id", marked("remote_id")}}},
    {"desk_counterpart",
     {{"marker", marked("marker")}, {"ticket", shifted("ticket")}, {"remote_id", marked("remote_id")}}},
};
const std::vector<std::string> must_be_empty = {"attachment", "aside",          "desk_claim", "desk_conflict",
                                                "desk_drift", "desk_look",      "desk_round", "lane",
                                                "hold",       "message_version"};

class Database {
 public:
  explicit Database(const std::filesystem::path& file) {
    check(sqlite3_open(file.c_str(), &handle_));
    for (const char* pragma : {"journal_mode=OFF", "synchronous=OFF", "cache_size=-400000", "temp_store=MEMORY"})
      run(std::string("PRAGMA ") + pragma);
  }
  ~Database() { sqlite3_close(handle_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void run(const std::string& sql) { check(sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr)); }
  std::vector<std::string> texts(const std::string& sql) {
    std::vector<std::string> out;
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr));
    while (sqlite3_step(statement) == SQLITE_ROW)
      out.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)));
    check(sqlite3_finalize(statement));
    return out;
  }

 private:
  void check(int code) {
    if (code != SQLITE_OK) throw std::runtime_error(sqlite3_errmsg(handle_));
  }
  sqlite3* handle_ = nullptr;
};

std::string with_number(std::string sql, int times) {
  for (auto at = sql.find(":n"); at != sql.npos; at = sql.find(":n", at)) sql.replace(at, 2, std::to_string(times));
  return sql;
}

void copy_table(Database& database, const std::string& table, const Columns& columns, int times) {
  const std::string of_table =
      " FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name = '" + table + "'";
  const auto indexes = database.texts("SELECT sql" + of_table);
  for (const std::string& name : database.texts("SELECT name" + of_table)) database.run("DROP INDEX " + name);
  std::string values;
  for (const std::string& column : database.texts("SELECT name FROM pragma_table_info('" + table + "') ORDER BY cid")) {
    const auto changed = columns.find(column);
    values += (values.empty() ? "" : ", ") + (changed == columns.end() ? column : changed->second);
  }
  database.run("CREATE TEMP TABLE few AS SELECT * FROM main." + table + "; DELETE FROM main." + table);
  // CROSS JOIN: each row's copies one after the other, so that every index grows in long runs.
  database.run(
      with_number("WITH RECURSIVE copy (j) AS (SELECT 0 UNION ALL SELECT j + 1 FROM copy WHERE j + 1 < :n) "
                  "INSERT INTO main." +
                      table + " SELECT " + values + " FROM few CROSS JOIN copy",
                  times));
  database.run("DROP TABLE few");
  for (const std::string& index : indexes) database.run(index);
}

}  // namespace

void multiply(const std::filesystem::path& small, const std::filesystem::path& large, int times) {
  std::filesystem::copy_file(small, large);
  Database database(large);
  for (const std::string& table : must_be_empty) {
    if (!database.texts("SELECT '1' FROM " + table + " LIMIT 1").empty())
      throw std::runtime_error(table + " is not empty: its rows would not be copied");
  }
  database.run("BEGIN");
  database.run("DELETE FROM departure");  // of the last hour
  for (const auto& [table, columns] : copied) copy_table(database, table, columns, times);
  database.run("COMMIT; PRAGMA journal_mode=WAL");
}

}  // namespace supportd::bench
