#include "daemon/store/content.hpp"

#include <openssl/rand.h>

#include <array>

#include "daemon/digest.hpp"

namespace supportd::store {
namespace {

// Random bytes are drawn for many salts at once: OpenSSL asks as much for one as for all.
std::string fresh_salt() {
  constexpr std::size_t length = 16, most = 64;
  struct Drawn {
    std::array<unsigned char, length * most> bytes;
    std::size_t used = length * most;
  };
  thread_local Drawn drawn;
  if (drawn.used == drawn.bytes.size()) {
    if (RAND_bytes(drawn.bytes.data(), static_cast<int>(drawn.bytes.size())) != 1) {
      throw Error(ErrorKind::unreachable, "no randomness to be had");
    }
    drawn.used = 0;
  }
  const auto* salt = reinterpret_cast<const char*>(drawn.bytes.data() + drawn.used);
  drawn.used += length;
  return digest::hex({salt, length});
}

ContentId insert(Tx& tx, std::string_view stored, bool base64) {
  return *tx.insert<ContentId>("INSERT INTO content (salt, base64, body) VALUES (:salt, :base64, :body)", fresh_salt(),
                               base64, stored);
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
)"}};
}

ContentId put_text(Tx& tx, std::string_view utf8) { return insert(tx, utf8, false); }
ContentId put_bytes(Tx& tx, std::string_view bytes) { return insert(tx, digest::base64(bytes), true); }

std::optional<std::string> get(Tx& tx, ContentId id) {
  auto row = tx.one<bool, std::string>("SELECT base64, body FROM content WHERE id = :id", id);
  if (!row) return {};
  auto& [base64, body] = *row;
  return base64 ? digest::parse_base64(body).value() : std::move(body);
}

std::string salted_hash(std::string_view salt, std::string_view bytes) {
  return digest::hex(digest::hmac_sha256(salt, bytes));
}

void erase(Tx& tx, ContentId id) { tx.exec("DELETE FROM content WHERE id = :id", id); }

}  // namespace supportd::store
