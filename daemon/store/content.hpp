// Texts and files, apart from the rows that mention them, so that they can be erased (rule 20). Bytes are kept as
// base64 where they may hold NUL, which PostgreSQL's text cannot.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/store/ledger.hpp"

namespace supportd::store {

using ContentId = Id<struct ContentTag>;

struct Content {
  std::string text;
  std::string salt;
};

// Schema of content, audit, cursors and findings.
std::vector<Migration> records_schema();

ContentId put_text(Tx& tx, std::string_view utf8);
ContentId put_bytes(Tx& tx, std::string_view bytes);
// Nothing when it was erased. put_bytes comes back as it went in.
std::optional<std::string> get(Tx& tx, ContentId id);
// Salted SHA-256 in hex; what other rows keep of a text.
std::string salted_hash(std::string_view salt, std::string_view bytes);
// The text and its salt are gone for good; hashes of it can no longer be checked against guesses.
void erase(Tx& tx, ContentId id);

}  // namespace supportd::store
