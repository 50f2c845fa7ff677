#include "daemon/store/content.hpp"

#include "daemon/digest.hpp"

namespace supportd::store {
namespace {

ContentId insert(Tx& tx, std::string_view stored, bool base64) {
  return *tx.insert<ContentId>("INSERT INTO content (base64, body) VALUES (:base64, :body)", base64, stored);
}

}  // namespace

std::vector<Migration> records_schema() {
  return {{.slice = "records", .number = 1, .sql = R"(
CREATE TABLE content (id {id}, salt TEXT NOT NULL, base64 BIGINT NOT NULL, body TEXT NOT NULL);
CREATE TABLE audit (id {id}, at BIGINT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, object TEXT NOT NULL,
  reason TEXT NOT NULL, detail TEXT NOT NULL);
CREATE INDEX audit_object ON audit (object, id);
CREATE TABLE audit_seal (last_id BIGINT PRIMARY KEY, first_id BIGINT NOT NULL, at BIGINT NOT NULL, hash TEXT NOT NULL);
CREATE TABLE cursor (name TEXT PRIMARY KEY, value TEXT NOT NULL, moved_at BIGINT NOT NULL);
CREATE TABLE finding (system TEXT NOT NULL, question TEXT NOT NULL, answer TEXT NOT NULL, at BIGINT NOT NULL,
  PRIMARY KEY (system, question));
)"},
          // Other rows keep a text's id only, and an erasure blanks what hashes there are: nothing was ever salted.
          {.slice = "records", .number = 2, .sql = "ALTER TABLE content DROP COLUMN salt"}};
}

ContentId put_text(Tx& tx, std::string_view utf8) { return insert(tx, utf8, false); }
ContentId put_bytes(Tx& tx, std::string_view bytes) { return insert(tx, digest::base64(bytes), true); }

std::optional<std::string> get(Tx& tx, ContentId id) {
  auto row = tx.one<bool, std::string>("SELECT base64, body FROM content WHERE id = :id", id);
  if (!row) return {};
  auto& [base64, body] = *row;
  return base64 ? digest::parse_base64(body).value() : std::move(body);
}

void erase(Tx& tx, ContentId id) { tx.exec("DELETE FROM content WHERE id = :id", id); }

}  // namespace supportd::store
