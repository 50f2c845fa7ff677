// The role of a help desk: what jobs/desk_sync needs of any vendor. Values are the vendor's own (status "3", priority
// "2", ids as text); what they mean is a table of the slice's, never of the connector's. A status that belongs to a
// category of the vendor's is "category:status" ("open:1900001"), the category's own "category" alone. Implementations
// are thread-safe and keep no state beyond caches. Errors as in daemon/error.hpp.
#pragma once

#include <iterator>
#include <limits>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/http/client.hpp"
#include "daemon/time/instant.hpp"

namespace supportd::connectors {

struct DeskFile {
  std::string id;
  std::string name;  // data, never a path
  std::string content_type;
  std::int64_t size = 0;   // bytes
  std::string url;         // short-lived and possibly signed: download at once, without our credentials
  bool is_inline = false;  // stands in the text, where its URL is
};

struct DeskPerson {
  std::string id;
  std::string mail;
  std::string name;
  std::string organisation_id;
  bool is_agent = false;
};

struct DeskComment {
  std::string id;
  std::string author_id;
  bool from_customer = false;
  bool is_public = false;
  Instant created{};
  std::optional<Instant> edited;
  std::string html;  // as it came
  std::vector<DeskFile> files;
  std::string ref{};          // NewComment::ref of the write that made it, where the desk keeps such a thing
  std::string merged_into{};  // it says that its ticket was merged into that one, where only a comment says so
  bool of_a_merge = false;    // the desk's own words on a merge, by its own numbers
  bool by_machine = false;    // the desk itself said it, or a rule of its people's
};

struct DeskTicket {
  std::string id;
  std::string subject;
  std::string html;  // the description, as it came
  std::string status;
  std::string priority;
  std::string type;
  std::string requester_id;
  std::string organisation_id;
  std::string assignee_id;
  std::string group_id;
  std::vector<std::string> tags;
  std::map<std::string, std::string> fields;  // custom fields by name; scalars as text, unset ones left out
  std::vector<DeskFile> files;                // of the description
  Instant created{};
  Instant updated{};
  std::optional<Instant> status_since;  // when the status became what it is; unset: the desk does not tell
  std::string external_id;              // of another system's, where the desk has a place for one
  std::string merged_into;              // id of the ticket that goes on for this one
  std::string stamp;                    // for DeskUpdate::unless_changed_since; empty: the desk has no versions
  bool immutable = false;               // takes neither fields nor comments any more; only a follow-up may be created
  bool description_is_private = false;  // html and files are for the desk's people only
  bool deleted = false;
  bool spam = false;
  bool archived = false;
};

// A row the connector could not understand: kept, never dropped (rule 10).
struct BadRow {
  std::string id;  // may be empty
  std::string raw;
  std::string error;
};

// What befell a ticket besides what it says now.
struct DeskHistory {
  std::vector<DeskComment> comments;  // oldest first, all pages
  std::vector<BadRow> bad;
  // When fields became what they are, by the names of DeskUpdate ("status", "assignee"; custom ones by theirs), where
  // the desk tells.
  std::map<std::string, Instant> changed;
  Instant read_at = time::never;  // by the desk's clock
  // The newest change it tells of, where the desk tells of every one: a younger row is ahead of it.
  Instant newest = time::never;
  // The ticket's first words, where the desk keeps them among the comments; else they stand in its row.
  std::optional<DeskComment> opening{};
};

struct DeskPage {
  std::vector<DeskTicket> tickets;
  std::vector<BadRow> bad;
  std::string cursor;  // where the next page starts; opaque to the slice, stored with the page's rows
  bool more = false;   // false: up to date for now
};

// Only the fields that are set are sent.
struct DeskUpdate {
  std::optional<std::string> subject;
  std::optional<std::string> status;
  std::optional<std::string> priority;
  std::optional<std::string> type;
  std::optional<std::string> assignee_id;
  std::optional<std::string> group_id;
  std::optional<std::vector<std::string>> tags;  // the whole set
  std::map<std::string, std::string> fields;
  std::optional<std::string> external_id;
  std::string unless_changed_since;  // a DeskTicket::stamp: Error{conflict} when the ticket has another by now

  bool empty() const {
    return !subject && !status && !priority && !type && !assignee_id && !group_id && !tags && fields.empty() &&
           !external_id;
  }
};

struct NewFile {
  std::string name;
  std::string content_type;
  std::string data;
};

struct NewComment {
  std::string html;
  bool is_public = false;
  std::vector<NewFile> files;
  std::string ref{};  // kept beside the text where the desk can, and given back as DeskComment::ref
};

struct NewTicket {
  std::string subject;
  std::string html;
  std::string status;
  std::string priority;
  std::string requester_mail;
  std::vector<std::string> tags;
  std::map<std::string, std::string> fields;
  std::vector<NewFile> files;
  std::string requester_name{}, type{}, assignee_id{}, group_id{}, external_id{};
  std::string follows{};  // id of an immutable ticket of this desk that the new one goes on for
  std::string key{};      // the desk may know a repeated request by it (Desk::create_is_keyed)
};

// What a status number or word means to the desk's people: {"6", "Waiting on Customer"}.
struct DeskChoice {
  std::string value;
  std::string label;
};

// A field of the desk's ticket form.
struct DeskField {
  std::string name;                 // as in DeskTicket::fields
  std::string type;                 // the vendor's word
  std::vector<DeskChoice> choices;  // of a drop-down
  bool needed_to_close = false;     // no ticket is closed while it is empty
  // Values that tag the ticket which has them, and with what.
  std::map<std::string, std::string> tags{};
};

// What the desk's tickets can say. What it does not tell is empty.
struct DeskForm {
  std::vector<DeskChoice> statuses;
  std::vector<DeskChoice> priorities, types;
  std::vector<DeskField> fields;                // custom ones
  std::map<std::string, std::string> absent{};  // fields that only the configuration has: their ids, by name
};

struct DeskOrganisation {
  std::string id;
  std::string name;
  std::vector<std::string> domains;
  std::string external_id;
};

// What a webhook delivery amounts to: at most a hint which ticket to read.
struct Heard {
  enum class Verdict {
    genuine,
    forged,     // no signature or secret, or a wrong one; also when none is configured
    stale,      // signed too long ago, or ahead of time
    too_large,  // longer than the desk's are
    malformed,  // genuine, but not to be understood
  } verdict = Verdict::forged;
  std::string ticket{};    // its id; empty: about something else
  std::string delivery{};  // the same when it is sent again; empty: the desk does not tell
  std::string actor{};     // who caused it; empty: the desk does not tell
};

// How a read is made: until when, and how urgent it is beside others that draw on the same limits.
struct Call {
  Call() = default;
  Call(std::stop_token until, http::Priority urgency = http::Priority::normal)
      : stop(std::move(until)), priority(urgency) {}
  std::stop_token stop{};
  http::Priority priority = http::Priority::normal;
};

// How many bytes of files a message takes.
struct FileRoom {
  std::size_t each;
  std::size_t all = std::numeric_limits<std::size_t>::max();
};

// What a call draws on, and how long it waits for that.
struct Allowance {
  std::string budget;  // empty: none
  Millis patience{};
};

class Desk {
 public:
  virtual ~Desk() = default;

  // Judges a delivery to our webhook, in constant time as far as the secret goes. `body`: the raw bytes.
  virtual Heard hear(const http::Headers& headers, std::string_view body, Instant now) const = 0;

  // Tickets changed since `cursor` (empty: since `from`), oldest change first.
  virtual DeskPage changes(const std::string& cursor, Instant from, const Call& call) = 0;
  virtual DeskTicket ticket(const std::string& id, const Call& call) = 0;
  virtual DeskHistory history(const std::string& ticket_id, const Call& call) = 0;
  // Its comments alone; rows that cannot be understood go to `bad`.
  std::vector<DeskComment> comments(const std::string& ticket_id, std::vector<BadRow>& bad, const Call& call) {
    DeskHistory all = history(ticket_id, call);
    bad.insert(bad.end(), std::make_move_iterator(all.bad.begin()), std::make_move_iterator(all.bad.end()));
    return std::move(all.comments);
  }
  virtual DeskPerson person(const std::string& id, bool agent, const Call& call) = 0;
  virtual DeskOrganisation organisation(const std::string& id, const Call& call) = 0;
  virtual DeskForm form(const Call& call) = 0;
  virtual std::vector<DeskChoice> groups(const Call& call) = 0;  // by id
  // Tickets with this external id, oldest first; none where the desk has no such thing.
  virtual std::vector<DeskTicket> by_external_id(const std::string& id, const Call& call) = 0;
  // The id of the user our key belongs to.
  virtual std::string own_id(const Call& call) = 0;
  virtual std::string download(const DeskFile& file, std::size_t limit, const Call& call) = 0;

  // Whether by_external_id finds what `create` was given as external_id.
  virtual bool keeps_external_ids() const = 0;
  // Whether `create` with the same key and content, sent again within two hours, makes no second ticket.
  virtual bool create_is_keyed() const = 0;
  // How late its lists of comments may tell of what was said, unless a probe has measured it.
  virtual Millis list_lag() const = 0;
  virtual FileRoom file_room() const = 0;
  // Of changes(), whose limit may be a narrower one than the account's.
  virtual Allowance list_allowance() const = 0;
  // Whether changes() says all of a ticket that ticket() does.
  virtual bool lists_in_full() const = 0;
  // How long a write may take at most, with the reads before it and the waits for a budget.
  virtual Millis longest_write() const = 0;
  // Writes. Each leaves at most once; unknown_outcome as in daemon/http/client.hpp.
  virtual DeskTicket create(const NewTicket& ticket, std::stop_token stop) = 0;
  virtual DeskTicket update(const std::string& id, const DeskUpdate& change, std::stop_token stop) = 0;
  virtual DeskComment comment(const std::string& ticket_id, const NewComment& comment, std::stop_token stop) = 0;
  // `from` is closed and `into` goes on for it.
  virtual void merge(const std::string& from, const std::string& into, std::stop_token stop) = 0;
  // A soft delete: people of the desk can undo it for some time.
  virtual void remove(const std::string& id, std::stop_token stop) = 0;
  // Undoes it, or people's own deletion. Throws Error{gone} for a ticket that is not deleted, or gone for good.
  virtual void restore(const std::string& id, std::stop_token stop) = 0;
};

}  // namespace supportd::connectors
