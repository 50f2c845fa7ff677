// What was said about a ticket, and the files that came with it (rules 12 and 13).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "daemon/store/content.hpp"
#include "jobs/tickets/kernel.hpp"

namespace supportd::tickets {

struct NewAttachment {
  std::string remote_id;  // at the message's origin
  std::string name;       // data, never a path
  std::string content_type;
  std::int64_t size = 0;
};

struct NewMessage {
  TicketId ticket;
  std::string identity;  // the same message has the same identity, however often it is seen
  std::string origin;    // "freshdesk:main", "aws:123456789012"
  Author author = Author::system;
  std::string author_name, author_id;  // as the origin calls them
  Visibility visibility = Visibility::private_note;
  Instant created{};
  std::string text;
  std::string html;   // as it came; empty when the origin speaks plain text
  bool ours = false;  // an echo of what we wrote there: recorded, never mirrored
  std::vector<NewAttachment> attachments;
};

struct Message {
  MessageId id;
  TicketId ticket;
  std::string identity, origin;
  Author author = Author::system;
  std::string author_name, author_id;
  Visibility visibility = Visibility::private_note;
  Instant created{};
  store::ContentId content;
  std::string hash, normaliser;  // SHA-256 of the normalised text when it was first seen
  std::int64_t edits = 0;
  bool ours = false;
};

enum class FileState {
  wanted,    // some effect needs it: to be fetched soon, since URLs expire
  listed,    // known, needed by nobody
  held,      // here
  oversize,  // too large for where it should go: mentioned by name and size instead
  gone,      // its origin has it no more
  released,  // delivered; the bytes were let go
};
std::string_view to_text(FileState state);

struct Attachment {
  AttachmentId id;
  MessageId message;
  std::string remote_id, name, content_type;
  std::int64_t size = 0;
  FileState state = FileState::listed;
  std::string sha256;
  std::optional<store::ContentId> content;
  std::int64_t tries = 0;
  std::string note;
};

// The message and its `commented` event. Nothing when it is known.
std::optional<MessageId> add_message(store::Tx& tx, const Kernel& kernel, const NewMessage& message, Instant now);
// Records that the text changed at its origin; the hash of the first text stays.
void edit_message(store::Tx& tx, const Kernel& kernel, MessageId id, const std::string& text, const std::string& html,
                  Instant edited, Instant now);
// The text is erased; a `redacted` event says so.
void redact_message(store::Tx& tx, const Kernel& kernel, MessageId id, const std::string& actor, Instant now);

std::optional<Message> find_message(store::Tx& tx, MessageId id);
std::optional<Message> find_message(store::Tx& tx, const std::string& identity);
std::optional<MessageId> find_message_id(store::Tx& tx, const std::string& identity);
// Who spoke to whom, without the words: of all tickets of that range, by ticket.
struct Saying {
  MessageId message;
  TicketId ticket;
  Author author = Author::system;
  Visibility visibility = Visibility::private_note;
};
std::vector<Saying> sayings_of(store::Tx& tx, TicketId first, TicketId last);
std::vector<Message> messages_of(store::Tx& tx, TicketId ticket);
// Empty when it was erased.
std::string text_of(store::Tx& tx, const Message& message);
// Hex SHA-256 of the text in normal form n1.
std::string message_hash(std::string_view text);

std::vector<Attachment> attachments_of(store::Tx& tx, MessageId message);
// Nothing that was said is made public later: the other way round it is not known to whom it went. False: it
// was private already.
bool make_private(store::Tx& tx, MessageId message);
// Those that were let go are fetched again.
void want_attachments(store::Tx& tx, MessageId message);
// Wanted files of messages from `origin`, oldest first.
std::vector<Attachment> wanted_attachments(store::Tx& tx, const std::string& origin, int most);
void hold_attachment(store::Tx& tx, AttachmentId id, std::string_view bytes);
// For oversize, gone, and a try that failed (wanted again).
// What it is, when only its bytes told.
void name_attachment(store::Tx& tx, AttachmentId id, const std::string& name, const std::string& content_type);
void mark_attachment(store::Tx& tx, AttachmentId id, FileState state, const std::string& note, bool counts = true);
// The effect that needed them is done.
void release_attachments(store::Tx& tx, MessageId message);

}  // namespace supportd::tickets
