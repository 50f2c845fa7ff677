// What the slice owes the desks: the difference in a ticket's fields, and what was said about it.
#pragma once

#include "daemon/outbox/outbox.hpp"
#include "jobs/desk_sync/desk.hpp"
#include "jobs/tickets/links.hpp"
#include "jobs/tickets/messages.hpp"

namespace supportd::desk_sync {

// The state of a link whose ticket takes nothing more at its desk; a follow-up may go on for it.
inline constexpr const char* closed_link = "closed";
inline constexpr const char* merged_link = "merged";
// At the same desk: the link, the one of the ticket that it was merged into, and so on.
std::vector<tickets::Link> line_of(store::Tx& tx, tickets::Link link);
// Where what is said on the ticket of a merged link goes on: the last of its line. Nothing when that one is not there.
std::optional<tickets::Link> heir_of(store::Tx& tx, tickets::Link link);
// Another went on for it.
inline constexpr const char* followed_link = "followed";

// A reaction of the kernel. `systems`: those with a channel.
void owe_desks(store::Tx& tx, outbox::Outbox& outbox, const std::vector<std::string>& systems, const Section& section,
               const tickets::Happening& happening);
// The effect that brings a desk's fields to the ledger's.
void owe_fields(store::Tx& tx, outbox::Outbox& outbox, const std::string& system, const std::string& remote_id,
                tickets::TicketId ticket, Instant caused_at);
// It was owed, and is done: what differs now waits for nobody.
bool fields_were_written(store::Tx& tx, const outbox::Outbox& outbox, const std::string& system,
                         const std::string& remote_id);
void owe_comment(store::Tx& tx, outbox::Outbox& outbox, const tickets::Link& link, const tickets::Message& message);

// Of the effect that gives the message to the desk.
std::string mirror_key(const tickets::Message& message, const std::string& system);
// Of the effect that sends the message with this text.
std::string comment_payload(const tickets::Message& message, const std::string& text);

// What the desk's people read. A public word from another desk says whose it is.
std::string words_of(const tickets::Message& message, const std::string& text);

}  // namespace supportd::desk_sync
