#include "jobs/desk_sync/ingest.hpp"

#include <algorithm>

#include "daemon/digest.hpp"
#include "daemon/json.hpp"
#include "daemon/outbox/effect.hpp"
#include "jobs/desk_sync/counterpart.hpp"
#include "jobs/desk_sync/hand_links.hpp"
#include "jobs/desk_sync/marker.hpp"
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

// Records facts of one row under one origin, time and actor.
class Recorder {
 public:
  Recorder(Tx& tx, const tickets::Kernel& kernel, const std::string& system, const Reading& reading, Instant now)
      : tx_(tx), kernel_(kernel), system_(system), reading_(reading), row_(reading.row), now_(now) {}

  void ticket(tickets::TicketId id) { id_ = id; }
  // `desk_field`: what a custom field is called there.
  tickets::NewEvent event(Change change, const std::string& desk_field = "") const {
    const std::string identity = system_ + ":" + row_.id + ":" + std::string(tickets::to_text(change.kind)) + ":" +
                                 change.name + ":" + std::to_string(time::to_millis(row_.updated)) + ":" +
                                 digest::hex(digest::sha256(describe(change))).substr(0, 16);
    const Instant at = change.kind == EventKind::created ? row_.created : changed_at(reading_, change.kind, desk_field);
    return {id_, std::move(change), at, system_, "", identity};
  }
  bool record(EventKind kind, const std::string& value, const std::string& name = "",
              const std::string& desk_field = "") {
    Change change;
    change.kind = kind;
    change.name = name;
    change.value = value;
    return kernel_.append(tx_, event(std::move(change), desk_field), now_).has_value();
  }
  bool record_tags(std::vector<std::string> added, std::vector<std::string> removed) {
    if (added.empty() && removed.empty()) return false;
    Change change;
    change.kind = EventKind::tags;
    change.added = std::move(added);
    change.removed = std::move(removed);
    return kernel_.append(tx_, event(std::move(change)), now_).has_value();
  }

 private:
  static std::string describe(const Change& change) {
    std::string out = change.value;
    for (const auto& tag : change.added) out += "+" + tag;
    for (const auto& tag : change.removed) out += "-" + tag;
    return out;
  }

  Tx& tx_;
  const tickets::Kernel& kernel_;
  const std::string& system_;
  const Reading& reading_;
  const DeskTicket& row_;
  const Instant now_;
  tickets::TicketId id_;
};

std::vector<std::string> without(const std::vector<std::string>& all, const std::vector<std::string>& those) {
  std::vector<std::string> out;
  std::ranges::set_difference(all, those, std::back_inserter(out));
  return out;
}

// When others than this desk last changed the field.
Instant ledger_changed_at(Tx& tx, const std::string& system, tickets::TicketId ticket, EventKind kind,
                          const std::string& ledger_field) {
  const std::string begins = ledger_field.empty() ? "" : tickets::data_of_field(ledger_field);
  return tx
      .one<std::optional<Instant>>(
          "SELECT MAX(effective) FROM ticket_event WHERE ticket = :ticket AND kind = :kind AND origin <> :system AND "
          "substr(data, 1, :length) = :begins",
          ticket, tickets::to_text(kind), system, tickets::length_of(begins), begins)
      ->value_or(Instant{});
}

// Whom the ledger knows of those that a row names, each asked for once.
class Aliases {
 public:
  Aliases(Tx& tx, const std::string& system) : tx_(tx), system_(system) {}
  const std::optional<tickets::Alias>& find(const std::string& remote_id) {
    const auto known = known_.find(remote_id);
    if (known != known_.end()) return known->second;
    return known_.emplace(remote_id, tickets::find_alias(tx_, system_, remote_id)).first->second;
  }
  std::string name_of(const std::string& remote_id) {
    const auto& alias = find(remote_id);
    return alias ? alias->name : "";
  }

 private:
  Tx& tx_;
  const std::string& system_;
  std::map<std::string, std::optional<tickets::Alias>> known_;
};

std::optional<std::string> to_ledger(Aliases& aliases, const Mapping& m, const Difference& d) {
  if (d.kind != EventKind::assignee) return desk_sync::to_ledger(m, d.kind, d.name, d.desk);
  if (d.desk.empty()) return "";
  const auto& alias = aliases.find(d.desk);
  return alias ? std::optional(std::to_string(alias->person.value)) : std::nullopt;
}

std::string ledger_name(const Mapping& m, const std::string& desk_field) {
  const FieldRule* rule = m.rule_of(desk_field);
  return rule == nullptr ? desk_field : rule->ledger_name();
}

struct Merge {
  Tx& tx;
  const tickets::Kernel& kernel;
  const std::string& system;
  const Mapping& mapping;
  const Reading& reading;
  const DeskTicket& row;
  Instant now;
  tickets::TicketId ticket;
  bool first_sight;     // all that the desk has is news
  Instant known_until;  // the desk's time of what was known of the row before
  bool joined;          // the ticket was known from elsewhere: what was said here before is kept, but carried nowhere
  Aliases& aliases;
};

bool ends(const Mapping& mapping, const std::string& status) {
  return !tickets::is_unsolved(status_of(mapping, status));
}

bool desk_wins(const Merge& m, const Difference& d) {
  if (!d.ledger_changed || m.first_sight) return true;
  const Owner owner = m.mapping.owner_of(d.field());
  if (owner != Owner::newest) return owner == Owner::desk;
  // Somebody ended the ticket: no rule of ours that noticed something else meanwhile takes that back.
  if (d.kind == EventKind::status && ends(m.mapping, d.desk)) return true;
  const Millis lead =
      changed_at(m.reading, d.kind, d.name) -
      ledger_changed_at(m.tx, m.system, m.ticket, d.kind, d.name.empty() ? "" : ledger_name(m.mapping, d.name));
  if (std::chrono::abs(lead) <= m.mapping.skew) return m.mapping.tie == Owner::desk;
  return lead > Millis{0};
}

void note(const Merge& m, const Difference& d, const char* winner) {
  m.tx.exec(
      "INSERT INTO desk_conflict (ticket, system, field, agreed, desk, ledger, winner, at) VALUES (:ticket, :system, "
      ":field, :agreed, :desk, :ledger, :winner, :at)",
      m.ticket, m.system, d.field(), d.agreed, d.desk, d.ledger, winner, m.now);
}

// Read before a write of ours that it does not show: what both sides agreed on is younger.
bool is_stale(const Snapshot& agreed, const Snapshot& desk) {
  return desk.status_since != Instant{} && desk.status_since < agreed.status_since;
}

// As an automation would: within minutes of the last that was known of the row. People who answer one another are
// slower, or say something with it.
bool follows_our_write(const Merge& m, const Difference& d) {
  constexpr Millis soon{2 * 60'000};
  const Millis after = changed_at(m.reading, d.kind, d.name) - m.known_until;
  return !m.first_sight && after >= Millis{0} && after <= soon;
}

enum class Part { status, others };

void merge_tags(const Merge& m, Recorder& recorder, const Snapshot& agreed, const Snapshot& desk,
                const Snapshot& ledger, Ingested& out) {
  auto added = without(desk.tags, agreed.tags), removed = without(agreed.tags, desk.tags);
  if (added.empty() && removed.empty()) return;
  const Difference d{
      EventKind::tags, "", value_of(agreed, "tags"), value_of(desk, "tags"), value_of(ledger, "tags"), true, false};
  if (follows_our_write(m, d) && is_quarrel(m.tx, m.system, m.ticket, d, "", m.now)) {
    ++out.conflicts;
    note(m, d, "cut");
  } else if (recorder.record_tags(std::move(added), std::move(removed))) {
    ++out.changes;
  }
}

void merge_fields(const Merge& m, Recorder& recorder, const Snapshot& agreed, Part part, Ingested& out) {
  const tickets::Ticket ticket = tickets::load(m.tx, m.ticket);
  const Snapshot desk = snapshot_of(m.row);
  const Snapshot ledger = wanted_at(m.tx, m.system, ticket, m.mapping, agreed);
  for (const Difference& d : compare(agreed, desk, ledger)) {
    if ((d.kind == EventKind::status) != (part == Part::status)) continue;
    // At first sight all that the desk has is news, even what the ledger would say the same way.
    if (!d.desk_changed || (d.desk == d.ledger && !m.first_sight)) continue;
    if (part == Part::status && is_stale(agreed, desk)) continue;
    const std::string ledger_field = d.kind == EventKind::field ? ledger_name(m.mapping, d.name) : "";
    if (follows_our_write(m, d) && is_quarrel(m.tx, m.system, m.ticket, d, ledger_field, m.now)) {
      ++out.conflicts;
      note(m, d, "cut");
      continue;
    }
    const bool desk_won = desk_wins(m, d);
    if (d.conflict() && !m.first_sight) {
      ++out.conflicts;
      note(m, d, desk_won ? "desk" : "ledger");
    }
    if (!desk_won) {
      out.ledger_won = true;
      continue;
    }
    const auto value = to_ledger(m.aliases, m.mapping, d);
    if (!value) {
      note(m, d, "nobody");  // it has no counterpart: each side keeps its own
    } else if (recorder.record(d.kind, *value, ledger_field, d.name)) {
      ++out.changes;
    }
  }
  if (part == Part::others) merge_tags(m, recorder, agreed, desk, ledger, out);
}

// Ended when it was last read and now, but since later: somebody had opened it in between. What was said then was said
// on an open ticket, and it has ended after that.
bool was_open_meanwhile(const Merge& m, const Snapshot& agreed, const Snapshot& desk) {
  constexpr Millis rounding{5'000};
  return !m.first_sight && agreed.status_since != Instant{} && ends(m.mapping, agreed.status) &&
         ends(m.mapping, desk.status) && desk.status_since >= agreed.status_since + rounding &&
         !tickets::is_unsolved(tickets::load(m.tx, m.ticket).status);
}

std::vector<tickets::NewAttachment> files_of(const std::string& prefix, const std::vector<DeskFile>& files) {
  std::vector<tickets::NewAttachment> out;
  for (const DeskFile& file : files) out.push_back({prefix + file.id, file.name, file.content_type, file.size});
  return out;
}

void add_description(const Merge& m, Ingested& out) {
  tickets::NewMessage message;
  message.ticket = m.ticket;
  message.identity = m.system + ":ticket:" + m.row.id + ":description";
  message.origin = m.system;
  message.author = tickets::Author::customer;
  message.author_name = m.aliases.name_of(m.row.requester_id);
  message.author_id = m.row.requester_id;
  message.visibility =
      m.row.description_is_private ? tickets::Visibility::private_note : tickets::Visibility::public_reply;
  message.created = m.row.created;
  message.text = tickets::html_to_text(m.row.html);
  message.html = m.row.html;
  message.attachments = files_of(m.row.id + "//", m.row.files);
  message.ours = m.joined;
  if (tickets::add_message(m.tx, m.kernel, message, m.now)) ++out.messages;
}

void add_comment(const Merge& m, const DeskComment& comment, Ingested& out) {
  const std::string identity = m.system + ":conversation:" + comment.id;
  std::string text = tickets::html_to_text(comment.html);
  // What is known of a ticket seen for the first time, add_message finds out.
  const auto known = m.first_sight ? std::nullopt : tickets::find_message_id(m.tx, identity);
  if (known) {
    if (!comment.edited) return;
    if (!comment.is_public) tickets::make_private(m.tx, *known);
    tickets::edit_message(m.tx, m.kernel, *known, text, comment.html, *comment.edited, m.now);
    return;
  }
  if (is_echo(m.tx, m.system, lane_of(m.system, m.row.id), comment, text, m.reading.us)) {
    ++out.echoes;
    return;
  }
  tickets::NewMessage message;
  message.ticket = m.ticket;
  message.identity = identity;
  message.origin = m.system;
  message.author = comment.from_customer ? tickets::Author::customer : tickets::Author::agent;
  message.author_name = m.aliases.name_of(comment.author_id);
  message.author_id = comment.author_id;
  message.visibility = comment.is_public ? tickets::Visibility::public_reply : tickets::Visibility::private_note;
  message.created = comment.created;
  message.text = std::move(text);
  message.html = comment.html;
  message.attachments = files_of(m.row.id + "/" + comment.id + "/", comment.files);
  message.ours = m.joined;
  if (tickets::add_message(m.tx, m.kernel, message, m.now)) ++out.messages;
}

// REQUIRES: nobody has been looked up yet.
void set_people(const Merge& m, Recorder& recorder) {
  if (m.reading.organisation) {
    tickets::meet_organisation(m.tx, m.system, m.reading.organisation->first, m.reading.organisation->second);
  }
  for (const tickets::Sighting& seen : m.reading.people) tickets::meet(m.tx, seen);
  if (const auto& requester = m.aliases.find(m.row.requester_id)) {
    recorder.record(EventKind::requester, std::to_string(requester->person.value));
  }
  if (m.row.organisation_id.empty()) return;
  if (const auto id = tickets::organisation_of_alias(m.tx, m.system, m.row.organisation_id)) {
    recorder.record(EventKind::organisation, std::to_string(id->value));
  }
}

}  // namespace

// What the row was last touched for may be a note of ours, long after its people changed the field.
Instant changed_at(const Reading& reading, EventKind kind, const std::string& desk_field) {
  const auto at = reading.changed.find(desk_field.empty() ? std::string(tickets::to_text(kind)) : desk_field);
  if (at != reading.changed.end()) return std::min(at->second, reading.row.updated);
  return kind == EventKind::status ? reading.row.status_since.value_or(reading.row.updated) : reading.row.updated;
}

std::string hash_of(const DeskTicket& row) {
  Snapshot values = snapshot_of(row);
  values.status_since =
      {};  // lists may not tell; nor do they show a description as a view does, whose edits move `updated`
  std::string all = encode(values) + "|" + row.requester_id + "|" + row.organisation_id + "|" +
                    std::to_string(time::to_millis(row.updated)) + (row.deleted ? "|deleted" : "") +
                    (row.spam ? "|spam" : "");
  return digest::hex(digest::sha256(all)).substr(0, 32);
}

bool Ourselves::may_have_forgotten(Instant created) const {
  constexpr Millis clocks{10 * 60'000};  // the desk's against ours
  return certain > began && created > began && created < certain + clocks;
}

bool is_echo(Tx& tx, const std::string& system, const std::string& lane, const DeskComment& comment,
             const std::string& text, const Ourselves& us) {
  if (tx.one<std::int64_t>("SELECT id FROM effect WHERE channel = :system AND remote_id = :id", system, comment.id)) {
    return true;
  }
  if (comment.author_id != us.id) return false;
  // Our user and our marker: ours, even when a restored ledger has forgotten the effect.
  if (!comment.ref.empty()) return true;
  if (!comment.is_public) return ref_in(text).has_value();
  if (us.may_have_forgotten(comment.created)) return true;
  const std::string hash = tickets::message_hash(without_missing_files(text));
  return tx
      .one<std::int64_t>(
          "SELECT id FROM effect WHERE lane = :lane AND state IN ('leased', 'unknown') AND payload LIKE :hash ORDER BY "
          "id LIMIT 1",
          lane, "%" + hash + "%")
      .has_value();
}

namespace {

// Whose counterpart a row with our marker is.
struct Marked {
  std::optional<Made> made;                      // we made it
  std::optional<tickets::TicketId> goes_on_for;  // somebody at the desk did: it inherited the marker from one of ours
};

// Throws Error{gone} while a restored ledger does not know of which ticket: the row is set aside and read again.
Marked marked_by_us(Tx& tx, const std::string& system, const DeskTicket& row) {
  Marked out;
  bool forgotten = false;
  for (const std::string& tag : row.tags) {
    if (!is_marker_tag(tag)) continue;
    const auto made = made_with(tx, system, tag);
    if (!made) {
      forgotten = true;
    } else if (!made->remote_id.empty() && made->remote_id != row.id) {
      out.goes_on_for = made->ticket;
    } else if (!out.made || out.made->message < made->message) {
      out.made = made;  // a follow-up of ours inherited what it follows
    }
  }
  if (forgotten && !out.made) {
    throw Error(ErrorKind::gone, "we made it, but the ledger does not know for which ticket yet");
  }
  return out;
}

// The link once the row is in the ledger.
tickets::Link as_read(tickets::Link link, const Reading& reading) {
  const DeskTicket& row = reading.row;
  if (row.deleted || row.spam) {
    link.state = row.spam ? "spam" : "deleted";
  } else {
    const Snapshot before = decode_snapshot(link.agreed);
    Snapshot agreed = snapshot_of(row);
    if (is_stale(before, agreed)) {
      agreed.status = before.status;
      agreed.status_since = before.status_since;
    }
    link.agreed = encode(agreed);
    const bool closed = row.immutable || row.archived;
    if (!row.merged_into.empty()) {
      link.state = "merged";
    } else if (!closed || link.state != followed_link) {
      link.state = closed ? closed_link : "live";
    }
  }
  link.seen = !reading.whole ? "" : reading.listed.empty() ? hash_of(row) : reading.listed;
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
  if (!link && (row.deleted || row.spam)) return out;
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
    } else if (const auto known = known_elsewhere(tx, system, mapping, row)) {
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
    tickets::save_link(tx, as_read(*link, reading));
    claim(tx, system, mapping, row, *id);
  } else {
    agreed = decode_snapshot(link->agreed);
  }
  out.ticket = link->ticket;
  // Listed before a write of ours, kept after it: the row as it is now will be listed again.
  if (row.updated < link->remote_updated) return out;
  recorder.ticket(link->ticket);
  if (row.deleted || row.spam) {
    if (recorder.record(EventKind::deleted, "")) ++out.changes;
  } else {
    Aliases aliases(tx, system);
    const Merge merge{tx,     kernel, system,       mapping,     reading,
                      row,    now,    link->ticket, out.created, link->remote_updated,
                      joined, aliases};
    set_people(merge, recorder);
    // Marks and values before words, so that what is said finds what they start; the status last, so that nothing said
    // before the end comes after it.
    merge_fields(merge, recorder, agreed, Part::others, out);
    if (was_open_meanwhile(merge, agreed, snapshot_of(row)) && recorder.record(EventKind::status, "open")) {
      ++out.changes;
      agreed.status = wanted_at(tx, system, tickets::load(tx, link->ticket), mapping, {}).status;
    }
    if (out.created || joined || goes_on) add_description(merge, out);
    for (const DeskComment& comment : reading.comments) add_comment(merge, comment, out);
    std::vector<std::string> still;
    for (const auto& bad : reading.bad) {
      still.push_back(row.id + "/" + bad.id);
      tickets::set_aside(tx, comments_source(system), still.back(), bad.raw, bad.error, now);
    }
    if (!out.created) tickets::take_back_all(tx, comments_source(system), row.id + "/", still);
    merge_fields(merge, recorder, agreed, Part::status, out);
    if (const auto into = tickets::find_link(tx, system, row.merged_into); into && into->ticket != link->ticket) {
      if (recorder.record(EventKind::merged, std::to_string(into->ticket.value))) ++out.changes;
    }
  }
  if (!out.created) tickets::save_link(tx, as_read(*link, reading));
  return out;
}

}  // namespace supportd::desk_sync
