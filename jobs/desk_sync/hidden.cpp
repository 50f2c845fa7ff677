#include "jobs/desk_sync/hidden.hpp"

#include <set>

#include "daemon/json.hpp"
#include "jobs/desk_sync/counterpart.hpp"
#include "jobs/desk_sync/owing.hpp"
#include "jobs/tickets/links.hpp"
#include "jobs/tickets/messages.hpp"

namespace supportd::desk_sync {
namespace {

using store::Tx;
using tickets::Message;

constexpr std::string_view word_prefix = "comment ";

void list(Tx& tx, const Message& word, const std::string& system, const std::string& comment, const std::string& desk,
          Instant now) {
  tx.exec(
      "INSERT INTO desk_conflict (ticket, system, field, agreed, desk, ledger, winner, at) VALUES (:ticket, :system, "
      ":field, 'public', :desk, 'private', 'refused', :at)",
      word.ticket, system, word_field(comment), desk, now);
}

// As the description of counterparts that we made, or are making.
int list_descriptions(Tx& tx, const Message& word, Instant now) {
  if (opening_of(tickets::messages_of(tx, word.ticket)).id != word.id) return 0;
  const auto systems = tx.all<std::string>(
      "SELECT DISTINCT system FROM desk_counterpart WHERE ticket = :ticket AND message = 0 AND (asked <> '' OR "
      "remote_id <> '') ORDER BY system",
      word.ticket);
  for (const std::string& system : systems) {
    list(tx, word, system, "of " + word.identity, "public, as the description", now);
  }
  return static_cast<int>(systems.size());
}

int list_comments(Tx& tx, const Section& section, const Message& word, Instant now) {
  int listed = 0;
  std::set<std::string> systems;
  for (const tickets::Link& link : tickets::links_of(tx, word.ticket)) systems.insert(link.system);
  for (const std::string& system : systems) {
    if (!mapping_of(section, system).public_comments) continue;
    // What is under way left before anybody knew.
    const auto sent = tx.one<std::optional<std::string>>(
        "SELECT remote_id FROM effect WHERE key = :key AND attempts > 0 AND state IN ('done', 'leased', 'unknown', "
        "'parked', 'dropped')",
        mirror_key(word, system));
    if (!sent) continue;
    const std::string id = sent->value_or("");
    list(tx, word, system, id.empty() ? "of " + word.identity : id, "public", now);
    ++listed;
  }
  return listed;
}

}  // namespace

std::string word_field(const std::string& comment) { return std::string(word_prefix) + comment; }

bool is_word(const std::string& field) { return field.starts_with(word_prefix); }

int list_public_copies(Tx& tx, const Section& section, tickets::MessageId id, Instant now) {
  const auto word = tickets::find_message(tx, id);
  if (!word) return 0;
  return list_descriptions(tx, *word, now) + list_comments(tx, section, *word, now);
}

bool carries_private_word(Tx& tx, const std::string& payload) {
  const auto document = json::Document::parse(payload, "effect");
  const auto word = tickets::find_message(tx, tickets::MessageId{document.root().integer("message", 0)});
  return word && word->visibility == tickets::Visibility::private_note;
}

}  // namespace supportd::desk_sync
