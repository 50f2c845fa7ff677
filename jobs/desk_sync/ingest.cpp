#include "jobs/desk_sync/ingest.hpp"

#include "jobs/desk_sync/counterpart.hpp"
#include "jobs/desk_sync/hand_links.hpp"
#include "jobs/desk_sync/merge.hpp"
#include "jobs/desk_sync/owing.hpp"
#include "jobs/desk_sync/quarrel.hpp"
#include "jobs/tickets/aside.hpp"
#include "jobs/tickets/links.hpp"
#include "jobs/tickets/messages.hpp"
#include "jobs/tickets/text.hpp"

namespace supportd::desk_sync {
namespace {

using connectors::DeskComment;
using connectors::DeskFile;
using connectors::DeskTicket;
using store::Tx;
using tickets::Change;
using tickets::EventKind;

std::vector<tickets::NewAttachment> files_of(const std::string& prefix, const std::vector<DeskFile>& files) {
  std::vector<tickets::NewAttachment> out;
  for (const DeskFile& file : files) out.push_back({prefix + file.id, file.name, file.content_type, file.size});
  return out;
}

// What its people did to a word since it was said.
void follow_edit(const Merge& m, tickets::MessageId id, const DeskComment& word, Ingested& out) {
  if (!word.edited) return;
  if (!word.is_public && tickets::make_private(m.tx, id)) out.hidden.push_back(id);
  tickets::edit_message(m.tx, m.kernel, id, tickets::html_to_text_with_links(word.html), word.html, *word.edited,
                        m.now);
}

tickets::Author author_of(const DeskComment& word) {
  if (word.by_machine) return tickets::Author::system;
  return word.from_customer ? tickets::Author::customer : tickets::Author::agent;
}

// `files`: how their ids begin.
void add_word(const Merge& m, std::string identity, const std::string& files, const DeskComment& word, Ingested& out) {
  tickets::NewMessage message;
  message.ticket = m.ticket;
  message.identity = std::move(identity);
  message.origin = m.system;
  message.author = author_of(word);
  message.author_name = m.aliases.name_of(word.author_id);
  message.author_id = word.author_id;
  message.visibility = word.is_public ? tickets::Visibility::public_reply : tickets::Visibility::private_note;
  message.created = word.created;
  message.text = tickets::html_to_text_with_links(word.html);
  message.html = word.html;
  message.attachments = files_of(files, word.files);
  message.ours = m.joined || word.of_a_merge;
  if (tickets::add_message(m.tx, m.kernel, message, m.now)) ++out.messages;
}

void add_opening(const Merge& m, bool is_news, Ingested& out) {
  const std::string identity = opening_identity(m.system, m.row.id);
  if (is_news) {
    add_word(m, identity, m.row.id + "//", m.reading.opening, out);
  } else if (const auto known = tickets::find_message_id(m.tx, identity)) {
    follow_edit(m, *known, m.reading.opening, out);
  }
}

void add_comment(const Merge& m, const DeskComment& comment, Ingested& out) {
  std::string identity = comment_identity(m.system, comment.id);
  // What is known of a ticket seen for the first time, add_message finds out.
  const auto known = m.first_sight ? std::nullopt : tickets::find_message_id(m.tx, identity);
  if (known) return follow_edit(m, *known, comment, out);
  const std::string text = tickets::html_to_text(comment.html);
  if (is_echo(m.tx, m.system, lane_of(m.system, m.row.id), comment, text, m.reading.us)) {
    ++out.echoes;
    return;
  }
  add_word(m, std::move(identity), m.row.id + "/" + comment.id + "/", comment, out);
}

// REQUIRES: nobody has been looked up yet.
void set_people(const Merge& m, Recorder& recorder) {
  for (const auto& [id, name] : m.reading.organisations) {
    const auto met = tickets::meet_organisation(m.tx, m.system, id, name, m.now);
    if (met.is_renamed) m.kernel.renamed(m.tx, met.id, m.now);
  }
  for (const Reading::Somebody& one : m.reading.people) {
    tickets::Sighting seen = one.seen;
    seen.organisation = tickets::organisation_of_alias(m.tx, m.system, one.organisation_id);
    tickets::meet(m.tx, seen, m.now);
  }
  if (const auto& requester = m.aliases.find(m.row.requester_id)) {
    recorder.record(EventKind::requester, std::to_string(requester->person.value));
  }
  if (const auto id = tickets::organisation_of_alias(m.tx, m.system, m.row.organisation_id)) {
    recorder.record(EventKind::organisation, std::to_string(id->value));
  } else if (m.row.organisation_id.empty() && tickets::load(m.tx, m.ticket).origin == m.system) {
    recorder.record(EventKind::organisation, "");
  }
}

// The link once the row is in the ledger; `before`: what was agreed on.
tickets::Link as_read(tickets::Link link, const Snapshot& before, const Reading& reading) {
  const DeskTicket& row = reading.row;
  if (row.deleted || row.spam) {
    link.state = row.spam ? "spam" : "deleted";
  } else {
    Snapshot agreed = snapshot_of(row);
    if (is_stale(before, agreed)) {
      agreed.status = before.status;
      agreed.status_since = before.status_since;
    }
    link.agreed = encode(agreed);
    const bool closed = row.immutable || row.archived;
    if (!row.merged_into.empty()) {
      link.state = merged_link;
    } else if (!closed || link.state != followed_link) {
      link.state = closed ? closed_link : "live";
    }
  }
  link.seen = reading.again_in ? "" : reading.listed.empty() ? hash_of(row) : reading.listed;
  link.remote_updated = row.updated;
  return link;
}

}  // namespace

Ingested ingest(Tx& tx, const tickets::Kernel& kernel, const std::string& system, const Mapping& mapping,
                const Reading& reading, Instant now) {
  const DeskTicket& row = reading.row;
  Ingested out;
  Recorder recorder(tx, kernel, system, reading, now);
  Snapshot agreed;
  auto link = tickets::find_link(tx, system, row.id);
  bool joined = false, goes_on = false;
  const bool gone = row.deleted || row.spam;
  // What a restored ledger has forgotten and never saw again had counterparts, perhaps.
  if (!link && gone && !reading.us.may_have_forgotten(row.created)) return out;
  if (!link) {
    const Marked marked = marked_by_us(tx, system, row);
    if (const auto& made = marked.made) {
      const std::string asked =
          made->asked.empty() ? "" : encode(agreed_at_birth(decode_snapshot(made->asked), snapshot_of(row)));
      link = tickets::Link{system, row.id, made->ticket, asked, "", {}, "live"};
      out.found_ours = true;
      out.follows_with = made->message;
    } else if (marked.goes_on_for) {
      // What its people changed is what differs from the ledger's ticket.
      goes_on = true;
      end_predecessors(tx, system, *marked.goes_on_for);
      const auto ticket = tickets::load(tx, *marked.goes_on_for);
      link =
          tickets::Link{system, row.id, ticket.id, encode(wanted_at(tx, system, ticket, mapping, {})), "", {}, "live"};
    } else if (const auto known = known_elsewhere(tx, system, mapping, row, reading.other_desk)) {
      joined = true;
      link = tickets::Link{system, row.id, *known, "", "", {}, "live"};
    }
  }
  if (!link) {
    Change change;
    change.kind = EventKind::created;
    change.value = row.subject;
    const auto id = kernel.create(tx, recorder.event(change), now);
    if (!id) throw Error(ErrorKind::corrupt, system + " ticket " + row.id + " is known but not linked");
    out.created = true;
    link = tickets::Link{system, row.id, *id, "", "", {}, "live"};
    agreed.subject = row.subject;
    tickets::save_link(tx, as_read(*link, agreed, reading));
    claim(tx, system, mapping, row, *id);
  } else {
    agreed = decode_snapshot(link->agreed);
  }
  out.ticket = link->ticket;
  // Listed before a write of ours, kept after it: the row as it is now will be listed again.
  if (row.updated < link->remote_updated) return out;
  recorder.ticket(link->ticket);
  if (gone) {
    if (recorder.record(EventKind::deleted, "")) ++out.changes;
  } else {
    Aliases aliases(tx, system);
    const Merge merge{tx,     kernel, system,       mapping,     reading,
                      row,    now,    link->ticket, out.created, link->remote_updated,
                      joined, aliases};
    set_people(merge, recorder);
    out.returned = was_gone(*link);
    if (out.returned && tickets::load(tx, link->ticket).deleted &&
        recorder.record(EventKind::deleted, std::string(tickets::restored))) {
      ++out.changes;
    }
    // Marks and values before words, so that what is said finds what they start; the status last, so that nothing said
    // before the end comes after it, and what ended by a merge does not look as if people had closed it.
    merge_fields(merge, recorder, agreed, Part::others, out);
    if (was_open_meanwhile(merge, agreed, snapshot_of(row)) && recorder.record(EventKind::status, "open")) {
      ++out.changes;
      agreed.status = wanted_at(tx, system, tickets::load(tx, link->ticket), mapping, {}).status;
    }
    add_opening(merge, out.created || joined || goes_on, out);
    for (const DeskComment& comment : reading.comments) add_comment(merge, comment, out);
    std::vector<std::string> still;
    for (const auto& bad : reading.bad) {
      still.push_back(row.id + "/" + bad.id);
      tickets::set_aside(tx, comments_source(system), still.back(), bad.raw, bad.error, now);
    }
    if (!out.created) tickets::take_back_all(tx, comments_source(system), row.id + "/", still);
    const auto into = row.merged_into.empty() ? std::nullopt : tickets::find_link(tx, system, row.merged_into);
    if (into && into->ticket != link->ticket) {
      if (recorder.record(EventKind::merged, std::to_string(into->ticket.value))) ++out.changes;
    }
    merge_fields(merge, recorder, agreed, Part::status, out);
  }
  if (!out.created) tickets::save_link(tx, as_read(*link, agreed, reading));
  return out;
}

}  // namespace supportd::desk_sync
