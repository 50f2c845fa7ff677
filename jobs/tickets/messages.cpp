#include "jobs/tickets/messages.hpp"

#include <tuple>
#include <utility>

#include "daemon/digest.hpp"
#include "jobs/tickets/text.hpp"

namespace supportd::tickets {
namespace {

using store::Tx;

constexpr std::pair<FileState, std::string_view> file_states[] = {
    {FileState::wanted, "wanted"},     {FileState::listed, "listed"}, {FileState::held, "held"},
    {FileState::oversize, "oversize"}, {FileState::gone, "gone"},     {FileState::released, "released"}};

FileState parse_file_state(const std::string& text) {
  for (const auto& [state, known] : file_states) {
    if (known == text) return state;
  }
  throw Error(ErrorKind::corrupt, "ledger: attachment in state " + text);
}

using MessageRow = std::tuple<MessageId, TicketId, std::string, std::string, std::string, std::string, std::string,
                              std::string, Instant, store::ContentId, std::string, std::string, std::int64_t, bool>;

template <class... A>
std::vector<Message> select_messages(Tx& tx, const std::string& tail, const A&... args) {
  std::vector<Message> out;
  [&]<class... O>(std::tuple<O...>*) {
    tx.each<O...>(
        "SELECT id, ticket, identity, origin, author, author_name, author_id, visibility, created_at, content, hash, "
        "normaliser, edits, ours FROM message " +
            tail,
        [&](MessageRow row) {
          Message m;
          std::string author, visibility;
          std::tie(m.id, m.ticket, m.identity, m.origin, author, m.author_name, m.author_id, visibility, m.created,
                   m.content, m.hash, m.normaliser, m.edits, m.ours) = std::move(row);
          m.author = parse_author(author).value_or(Author::system);
          m.visibility = parse_visibility(visibility).value_or(Visibility::private_note);  // fails closed
          out.push_back(std::move(m));
        },
        args...);
  }(static_cast<MessageRow*>(nullptr));
  return out;
}

using FileRow = std::tuple<AttachmentId, MessageId, std::string, std::string, std::string, std::int64_t, std::string,
                           std::string, std::optional<store::ContentId>, std::int64_t, std::string>;

template <class... A>
std::vector<Attachment> select_files(Tx& tx, const std::string& tail, const A&... args) {
  std::vector<Attachment> out;
  [&]<class... O>(std::tuple<O...>*) {
    tx.each<O...>(
        "SELECT a.id, a.message, a.remote_id, a.name, a.content_type, a.size, a.state, a.sha256, a.content, a.tries, "
        "a.note FROM attachment a " +
            tail,
        [&](FileRow row) {
          Attachment a;
          std::string state;
          std::tie(a.id, a.message, a.remote_id, a.name, a.content_type, a.size, state, a.sha256, a.content, a.tries,
                   a.note) = std::move(row);
          a.state = parse_file_state(state);
          out.push_back(std::move(a));
        },
        args...);
  }(static_cast<FileRow*>(nullptr));
  return out;
}

std::vector<store::ContentId> contents_of(Tx& tx, MessageId id) {
  const auto row =
      tx.one<store::ContentId, std::optional<store::ContentId>>("SELECT content, html FROM message WHERE id = :id", id);
  if (!row) return {};
  std::vector<store::ContentId> out{std::get<0>(*row)};
  if (std::get<1>(*row)) out.push_back(*std::get<1>(*row));
  return out;
}

template <class T>
std::optional<T> only(std::vector<T> found) {
  if (found.empty()) return {};
  return std::move(found.front());
}

}  // namespace

std::string_view to_text(FileState state) {
  for (const auto& [known, text] : file_states) {
    if (known == state) return text;
  }
  return "";
}

std::string message_hash(std::string_view text) { return digest::hex(digest::sha256(normalise(text))); }

std::optional<MessageId> add_message(Tx& tx, const Kernel& kernel, const NewMessage& m, Instant now) {
  if (find_message_id(tx, m.identity)) return {};
  const auto content = store::put_text(tx, m.text);
  const auto html = m.html.empty() ? std::nullopt : std::optional(store::put_text(tx, m.html));
  const auto id = *tx.insert<MessageId>(
      "INSERT INTO message (ticket, identity, origin, author, author_name, author_id, visibility, created_at, content, "
      "html, hash, normaliser, edits, ours) VALUES (:ticket, :identity, :origin, :author, :author_name, :author_id, "
      ":visibility, :created, :content, :html, :hash, :normaliser, 0, :ours)",
      m.ticket, m.identity, m.origin, to_text(m.author), m.author_name, m.author_id, to_text(m.visibility), m.created,
      content, html, message_hash(m.text), normaliser_version, m.ours);
  for (const NewAttachment& file : m.attachments) {
    tx.exec(
        "INSERT INTO attachment (message, remote_id, name, content_type, size, state, sha256, tries, note) VALUES "
        "(:message, :remote_id, :name, :content_type, :size, 'listed', '', 0, '')",
        id, file.remote_id, file.name, file.content_type, file.size);
  }
  Change change;
  change.kind = EventKind::commented;
  change.message = id;
  kernel.append(tx, {m.ticket, change, m.created, m.origin, m.author_name, "message:" + m.identity}, now);
  return id;
}

void edit_message(Tx& tx, const Kernel& kernel, MessageId id, const std::string& text, const std::string& html,
                  Instant edited, Instant now) {
  const auto message = find_message(tx, id);
  if (!message) throw Error(ErrorKind::gone, "there is no message " + std::to_string(id.value));
  const auto before = store::get(tx, message->content);
  // What was erased stays erased, however often its origin shows it.
  if (!before || before == text) return;
  const auto content = store::put_text(tx, text);
  const auto page = html.empty() ? std::nullopt : std::optional(store::put_text(tx, html));
  for (const auto& earlier : contents_of(tx, id)) {
    tx.exec("INSERT INTO message_version (message, content) VALUES (:message, :content) ON CONFLICT DO NOTHING", id,
            earlier);
  }
  tx.exec("UPDATE message SET content = :content, html = :html, edits = edits + 1 WHERE id = :id", content, page, id);
  Change change;
  change.kind = EventKind::edited;
  change.message = id;
  kernel.append(tx,
                {message->ticket, change, edited, message->origin, message->author_name,
                 "edit:" + message->identity + ":" + std::to_string(message->edits + 1)},
                now);
}

bool make_private(Tx& tx, MessageId id) {
  return tx.exec("UPDATE message SET visibility = :private WHERE id = :id AND visibility <> :same",
                 to_text(Visibility::private_note), id, to_text(Visibility::private_note)) > 0;
}

void redact_message(Tx& tx, const Kernel& kernel, MessageId id, const std::string& actor, Instant now) {
  const auto message = find_message(tx, id);
  if (!message) throw Error(ErrorKind::gone, "there is no message " + std::to_string(id.value));
  for (const auto& content : contents_of(tx, id)) store::erase(tx, content);
  for (const auto& content :
       tx.all<store::ContentId>("SELECT content FROM message_version WHERE message = :id ORDER BY content", id)) {
    store::erase(tx, content);
  }
  for (const Attachment& file : attachments_of(tx, id)) {
    if (file.content) store::erase(tx, *file.content);
    tx.exec("UPDATE attachment SET state = 'gone', content = NULL, sha256 = '', note = 'erased' WHERE id = :id",
            file.id);
  }
  tx.exec("UPDATE message SET hash = '' WHERE id = :id", id);
  Change change;
  change.kind = EventKind::redacted;
  change.message = id;
  // The slices erase what they made of it.
  kernel.append(tx, {message->ticket, change, now, "operator", actor, "redact:" + message->identity}, now);
}

std::optional<Message> find_message(Tx& tx, MessageId id) { return only(select_messages(tx, "WHERE id = :id", id)); }

std::optional<Message> find_message(Tx& tx, const std::string& identity) {
  return only(select_messages(tx, "WHERE identity = :identity", identity));
}

std::optional<MessageId> find_message_id(Tx& tx, const std::string& identity) {
  return tx.one<MessageId>("SELECT id FROM message WHERE identity = :identity", identity);
}

std::vector<Saying> sayings_of(Tx& tx, TicketId first, TicketId last) {
  std::vector<Saying> out;
  tx.each<MessageId, TicketId, std::string, std::string>(
      "SELECT id, ticket, author, visibility FROM message WHERE ticket BETWEEN :first AND :last ORDER BY ticket, id",
      [&](const auto& row) {
        const auto& [id, ticket, author, visibility] = row;
        out.push_back({id, ticket, parse_author(author).value_or(Author::system),
                       parse_visibility(visibility).value_or(Visibility::private_note)});
      },
      first, last);
  return out;
}

std::vector<Message> messages_of(Tx& tx, TicketId ticket) {
  return select_messages(tx, "WHERE ticket = :ticket ORDER BY created_at, id", ticket);
}

std::string text_of(Tx& tx, const Message& message) { return store::get(tx, message.content).value_or(""); }

std::vector<Attachment> attachments_of(Tx& tx, MessageId message) {
  return select_files(tx, "WHERE a.message = :message ORDER BY a.id", message);
}

void want_attachments(Tx& tx, MessageId message) {
  tx.exec("UPDATE attachment SET state = 'wanted' WHERE message = :message AND state IN ('listed', 'released')",
          message);
}

std::vector<Attachment> wanted_attachments(Tx& tx, const std::string& origin, int most) {
  // CROSS: from the few wanted files to their messages, whatever SQLite's statistics make of it.
  return select_files(tx,
                      "CROSS JOIN message m WHERE m.id = a.message AND a.state = 'wanted' AND m.origin = :origin ORDER "
                      "BY a.tries, a.id LIMIT :most",
                      origin, most);
}

void hold_attachment(Tx& tx, AttachmentId id, std::string_view bytes) {
  const auto content = store::put_bytes(tx, bytes);
  tx.exec("UPDATE attachment SET state = 'held', content = :content, size = :size, sha256 = :sha256 WHERE id = :id",
          content, bytes.size(), digest::hex(digest::sha256(bytes)), id);
}

void name_attachment(Tx& tx, AttachmentId id, const std::string& name, const std::string& content_type) {
  tx.exec("UPDATE attachment SET name = :name, content_type = :type WHERE id = :id", name, content_type, id);
}

void mark_attachment(Tx& tx, AttachmentId id, FileState state, const std::string& note, bool counts) {
  tx.exec("UPDATE attachment SET state = :state, note = :note, tries = tries + :more WHERE id = :id", to_text(state),
          note, counts ? 1 : 0, id);
}

void release_attachments(Tx& tx, MessageId message) {
  for (const Attachment& file : attachments_of(tx, message)) {
    if (file.state != FileState::held) continue;
    store::erase(tx, *file.content);
    tx.exec("UPDATE attachment SET state = 'released', content = NULL WHERE id = :id", file.id);
  }
}

}  // namespace supportd::tickets
