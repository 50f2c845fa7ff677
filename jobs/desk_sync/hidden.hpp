// Words that were made private after they had gone to other desks as public ones: there they stay public until that
// desk's people hide or delete them.
#pragma once

#include <string>

#include "jobs/desk_sync/desk.hpp"

namespace supportd::desk_sync {

// What a conflict or a drift of a word is listed under. `comment`: its id at the desk, or "of <identity>".
std::string word_field(const std::string& comment);
bool is_word(const std::string& field);

// Lists as conflicts the desks at which the word, which has just become private, is or may be public, and
// says how many.
int list_public_copies(store::Tx& tx, const Section& section, tickets::MessageId word, Instant now);
// Whether the word of an effect with this payload is private now.
bool carries_private_word(store::Tx& tx, const std::string& payload);

}  // namespace supportd::desk_sync
