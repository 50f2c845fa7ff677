// Texts and files, apart from the rows that mention them, so that they can be erased (rule 20). Bytes are kept as
// base64 where they may hold NUL, which PostgreSQL's text cannot.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/store/ledger.hpp"

namespace supportd::store {

using ContentId = Id<struct ContentTag>;

// Schema of content, audit, cursors and findings.
std::vector<Migration> records_schema();

ContentId put_text(Tx& tx, std::string_view utf8);
ContentId put_bytes(Tx& tx, std::string_view bytes);
// Nothing when it was erased. put_bytes comes back as it went in.
std::optional<std::string> get(Tx& tx, ContentId id);
// The text is gone for good.
void erase(Tx& tx, ContentId id);

}  // namespace supportd::store
