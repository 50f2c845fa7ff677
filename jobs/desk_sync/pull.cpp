#include "jobs/desk_sync/pull.hpp"

#include "daemon/json.hpp"
#include "daemon/run/each.hpp"
#include "daemon/store/cursor.hpp"
#include "jobs/desk_sync/counterpart.hpp"
#include "jobs/desk_sync/hidden.hpp"
#include "jobs/desk_sync/ingest.hpp"
#include "jobs/desk_sync/marker.hpp"
#include "jobs/desk_sync/owing.hpp"
#include "jobs/tickets/aside.hpp"
#include "jobs/tickets/links.hpp"
#include "jobs/tickets/messages.hpp"
#include "jobs/tickets/text.hpp"

namespace supportd::desk_sync {
namespace {

using connectors::DeskComment;
using connectors::DeskTicket;
using store::Tx;

constexpr int most_aside_a_run = 20;
constexpr int most_looks_at_once = 20;
constexpr int most_rechecks_a_run = 50;
constexpr std::chrono::seconds behind_its_row{3};  // a list that does not tell yet of what the row does

std::string cursor_of(const std::string& system) { return "desk_sync:" + system; }

void set_counted_from(Tx& tx, const std::string& system, Instant from, Instant now) {
  // Desks tell whole seconds.
  const Instant second(std::chrono::floor<std::chrono::seconds>(from.time_since_epoch()));
  store::move_cursor(tx, cursor_of(system) + ":from", time::to_text(second), now);
}

DeskComment opening_in(const DeskTicket& row) {
  DeskComment out;
  out.author_id = row.requester_id;
  out.from_customer = true;
  out.is_public = !row.description_is_private;
  out.created = row.created;
  out.html = row.html;
  out.files = row.files;
  return out;
}

// What the row said, as far as it was read: for people who look at what was set aside.
std::string raw_of(const DeskTicket& row) {
  json::Writer out;
  out.object([&] {
    out.member("id", row.id).member("updated", time::to_text(row.updated)).member("html", row.html);
    out.key("values").raw(encode(snapshot_of(row)));
  });
  return out.take();
}

}  // namespace

void count_from(Tx& tx, const std::string& system, Instant from, Instant now) {
  if (!counted_from(tx, system)) set_counted_from(tx, system, from, now);
}

void count_earlier(Tx& tx, const std::string& system, Instant from, Instant now) {
  const auto known = counted_from(tx, system);
  if (!known || *known > from) set_counted_from(tx, system, from, now);
}

std::optional<Instant> counted_from(Tx& tx, const std::string& system) {
  const auto text = store::find_cursor(tx, cursor_of(system) + ":from");
  if (!text) return {};
  return time::parse_instant(text->value).value();
}

Pulled& Pulled::operator+=(const Pulled& more) {
  rows += more.rows;
  unchanged += more.unchanged;
  created += more.created;
  messages += more.messages;
  changes += more.changes;
  conflicts += more.conflicts;
  echoes += more.echoes;
  aside += more.aside;
  files += more.files;
  unmapped.insert(more.unmapped.begin(), more.unmapped.end());
  return *this;
}

Pulled Puller::pull(run::JobContext& context) {
  Pulled out;
  if (!context.dry_run) {
    retry_aside(context, out);
    out += look(context);
  }
  const std::string name = cursor_of(spoke_.system);
  const auto known = context.ledger.read([&](Tx& tx) { return store::find_cursor(tx, name); });
  const Instant from =
      context.ledger.read([&](Tx& tx) { return counted_from(tx, spoke_.system); }).value_or(context.now());
  std::string cursor = known ? known->value : "";
  for (bool more = true; more;) {
    const auto page = spoke_.desk.changes(cursor, from, call(context));
    take_page(page, context, out);
    more = page.more;
    if (page.cursor == cursor) continue;
    cursor = page.cursor;
    context.write([&](Tx& tx) { store::move_cursor(tx, name, page.cursor, context.now()); });
  }
  if (context.dry_run) return out;
  const Instant since = registry_.outbox.certain_since();
  if (!context.ledger.read([&](Tx& tx) { return tickets::was_read_since(tx, spoke_.system, since); })) {
    context.write([&](Tx& tx) { tickets::note_read(tx, spoke_.system, context.now()); });
  }
  if (!section_.notes_move_updated.value_or(learned_.notes_move_updated)) recheck_linked(context, out);
  out.files += files_.fetch(context, call(context));
  return out;
}

Pulled Puller::look(run::JobContext& context) {
  Pulled out;
  for (;;) {
    const auto looks =
        context.ledger.read([&](Tx& tx) { return due_looks(tx, spoke_.system, context.now(), most_looks_at_once); });
    if (looks.empty()) return out;
    const std::string own_id = spoke_.desk.own_id(call(context));
    run::each(
        looks,
        [&](const Look& one) {
          if (context.stop.stop_requested()) throw Error(ErrorKind::stopped, "stopped between looks");
          ++out.rows;
          const Instant began = context.now();
          // What our own writes caused is no news.
          const bool ours = one.actor == own_id;
          if (!ours) look_at(one.remote_id, context, out);
          context.write([&](Tx& tx) { ours ? looked(tx, spoke_.system, one) : looked_at(tx, one, began); });
        },
        [&](const Look& one, const std::exception& error) {
          if (is_of_the_row(error)) {
            DeskTicket row;
            row.id = one.remote_id;
            put_aside(row, error.what(), context, out);
            context.write([&](Tx& tx) { looked(tx, spoke_.system, one); });
          } else {
            context.write([&](Tx& tx) { looks_.postpone(tx, spoke_.system, one, context.now()); });
          }
        });
    out.files += files_.fetch(context, call(context));
    if (context.dry_run) return out;
  }
}

void Puller::looked_at(Tx& tx, const Look& look, Instant began) {
  looked(tx, spoke_.system, look);
  if (is_to_be_looked_at(tx, spoke_.system, look.remote_id)) return;
  const auto link = tickets::find_link(tx, spoke_.system, look.remote_id);
  if (!link) return;
  kernel_.completeness().tell(tx, spoke_.system, link->ticket, began - until_whole(spoke_.desk, learned_));
}

void Puller::look_at(const std::string& id, run::JobContext& context, Pulled& out) {
  if (auto row = unless_gone([&] { return spoke_.desk.ticket(id, call(context)); })) {
    take(std::move(*row), false, context, out);
  } else {
    take_again(id, context, out);
  }
}

void Puller::take_page(const connectors::DeskPage& page, run::JobContext& context, Pulled& out) {
  for (const DeskTicket& row : page.tickets) take_row(row, context, out);
  take_bad(page.bad, context, out);
}

void Puller::take_row(const DeskTicket& row, run::JobContext& context, Pulled& out) {
  if (context.stop.stop_requested()) throw Error(ErrorKind::stopped, "stopped between tickets");
  run::each(
      std::initializer_list<const DeskTicket*>{&row},
      [&](const DeskTicket* one) {
        ++out.rows;
        take(*one, true, context, out);
      },
      [&](const DeskTicket* one, const std::exception& error) {
        if (!is_of_the_row(error)) throw;
        put_aside(*one, error.what(), context, out);
      });
}

void Puller::take_bad(const std::vector<connectors::BadRow>& rows, run::JobContext& context, Pulled& out) {
  out.aside += static_cast<int>(rows.size());
  if (rows.empty()) return;
  context.write([&](Tx& tx) {
    for (const auto& bad : rows) {
      tickets::set_aside(tx, tickets_source(spoke_.system), bad.id, bad.raw, bad.error, context.now());
    }
  });
}

void Puller::put_aside(const DeskTicket& row, const std::string& error, run::JobContext& context, Pulled& out) {
  ++out.aside;
  context.write([&](Tx& tx) {
    tickets::set_aside(tx, tickets_source(spoke_.system), row.id, raw_of(row), error, context.now());
  });
}

void Puller::take(DeskTicket row, bool listed, run::JobContext& context, Pulled& out) {
  const std::string hash = hash_of(row);
  const std::string id = row.id;
  const auto link = context.ledger.read([&](Tx& tx) { return tickets::find_link(tx, spoke_.system, id); });
  if (link && link->seen == hash) {
    ++out.unchanged;
    return;
  }
  // A list may be older than the deletion that was read.
  if (listed && link && was_gone(*link) && !row.deleted && !row.spam) return look_at(id, context, out);
  const bool is_short = listed && !spoke_.desk.lists_in_full();
  if (!link && is_short && !row.deleted && !row.spam) row = spoke_.desk.ticket(id, call(context));
  Reading reading = read(std::move(row), context);
  take_target_of(reading.row, context, out);
  if (listed) reading.listed = hash;
  const Mapping& mapping = mapping_of(section_, spoke_.system);
  const std::string& status = reading.row.status;
  if (!reading.row.deleted && !status.empty() && !mapping.status_in.contains(status)) out.unmapped.insert(status);
  out += context.write(
      [&](Tx& tx) {
        Pulled done;
        run::each(
            std::initializer_list<const Reading*>{&reading},
            [&](const Reading* one) {
              tx.attempt([&] {
                const auto in = ingest(tx, kernel_, spoke_.system, mapping, *one, context.now());
                tickets::take_back(tx, tickets_source(spoke_.system), id);
                if (one->again_in) looks_.again(tx, spoke_.system, id, context.now(), *one->again_in);
                if (in.found_ours) {
                  counterpart_is_there(tx, registry_.outbox, mapping, *tickets::find_link(tx, spoke_.system, id),
                                       in.follows_with);
                } else if (in.returned) {
                  catch_up(tx, registry_.outbox, mapping, *tickets::find_link(tx, spoke_.system, id));
                } else if (in.ledger_won ||
                           (in.left_over && fields_were_written(tx, registry_.outbox, spoke_.system, id))) {
                  owe_fields(tx, registry_.outbox, spoke_.system, id, in.ticket, context.now());
                }
                for (const auto word : in.hidden) {
                  done.conflicts += list_public_copies(tx, section_, word, context.now());
                }
                done.created += in.created ? 1 : 0;
                done.messages += in.messages;
                done.changes += in.changes;
                done.conflicts += in.conflicts;
                done.echoes += in.echoes;
              });
            },
            [&](const Reading* one, const std::exception& error) {
              ++done.aside;
              tickets::set_aside(tx, tickets_source(spoke_.system), id, raw_of(one->row), error.what(), context.now());
            });
        return done;
      },
      store::WritePriority::bulk);
}

void Puller::take_target_of(const DeskTicket& row, run::JobContext& context, Pulled& out) {
  const std::string& into = row.merged_into;
  if (into.empty()) return;
  const auto target = context.ledger.read([&](Tx& tx) { return tickets::find_link(tx, spoke_.system, into); });
  // Of two that name each other, the first is taken without the second.
  if (target || !merging_.insert(row.id).second) return;
  look_at(into, context, out);
  merging_.erase(row.id);
}

void Puller::take_again(const std::string& id, run::JobContext& context, Pulled& out) {
  auto row = unless_gone([&] { return spoke_.desk.ticket(id, call(context)); });
  if (!row) {
    row.emplace();
    row->id = id;
    row->deleted = true;
    // The desk tells no time; ours is not its own.
    const auto link = context.ledger.read([&](Tx& tx) { return tickets::find_link(tx, spoke_.system, id); });
    row->created = row->updated = link ? link->remote_updated : context.now();
  }
  context.write([&](Tx& tx) {
    return tx.exec("UPDATE link SET seen = '' WHERE system = :system AND remote_id = :id", spoke_.system, id);
  });
  take(std::move(*row), false, context, out);
}

Reading Puller::read(DeskTicket row, run::JobContext& context) {
  Reading reading;
  reading.us = {spoke_.desk.own_id(call(context)), began_, registry_.outbox.certain_since()};
  reading.other_desk = spoke_.other;
  reading.row = std::move(row);
  if (reading.row.deleted || reading.row.spam) return reading;
  connectors::DeskHistory history = spoke_.desk.history(reading.row.id, call(context));
  reading.comments = std::move(history.comments);
  reading.bad = std::move(history.bad);
  reading.changed = std::move(history.changed);
  reading.opening = history.opening ? std::move(*history.opening) : opening_in(reading.row);
  const Instant whole_at = reading.row.updated + until_whole(spoke_.desk, learned_);
  if (reading.row.updated > history.newest) {
    reading.again_in = behind_its_row;
  } else if (whole_at > history.read_at) {
    reading.again_in = whole_at - history.read_at;
  }
  const auto status = reading.changed.find("status");
  if (!reading.row.status_since && status != reading.changed.end()) reading.row.status_since = status->second;
  for (const auto& comment : reading.comments) {
    // What we carried here from another desk speaks of that one's tickets.
    const bool is_ours = ref_in(tickets::html_to_text(comment.html)).has_value();
    if (!comment.merged_into.empty() && !is_ours) reading.row.merged_into = comment.merged_into;
  }
  meet(reading, reading.row.requester_id, false, context);
  meet(reading, reading.row.assignee_id, true, context);
  meet(reading, reading.opening.author_id, !reading.opening.from_customer, context);
  for (const auto& comment : reading.comments) {
    const bool known = context.ledger.read(
        [&](Tx& tx) { return tickets::find_message_id(tx, comment_identity(spoke_.system, comment.id)).has_value(); });
    if (!known) meet(reading, comment.author_id, !comment.from_customer, context);
  }
  files_.listed(reading);
  meet_organisation(reading, reading.row.organisation_id, context);
  return reading;
}

void Puller::meet_organisation(Reading& reading, const std::string& id, run::JobContext& context) {
  if (id.empty() || reading.organisations.contains(id)) return;
  const auto known =
      context.ledger.read([&](Tx& tx) { return tickets::find_organisation_alias(tx, spoke_.system, id); });
  if (known && known->met + section_.people > context.now()) return;
  if (const auto found = unless_gone([&] { return spoke_.desk.organisation(id, call(context)); })) {
    reading.organisations[id] = found->name;
  } else if (known) {
    reading.organisations[id] = "";  // asked, and gone
  }
}

void Puller::meet(Reading& reading, const std::string& remote_id, bool agent, run::JobContext& context) {
  if (remote_id.empty()) return;
  const auto is_it = [&](const Reading::Somebody& one) { return one.seen.remote_id == remote_id; };
  if (std::ranges::any_of(reading.people, is_it)) return;
  const auto known = context.ledger.read([&](Tx& tx) { return tickets::find_alias(tx, spoke_.system, remote_id); });
  if (known && known->met + section_.people > context.now()) return;
  // An agent may have become a contact since, and either may be gone; what they wrote stays theirs.
  auto found = unless_gone([&] { return spoke_.desk.person(remote_id, agent, call(context)); });
  if (!found) found = unless_gone([&] { return spoke_.desk.person(remote_id, !agent, call(context)); });
  const auto person = found.value_or(connectors::DeskPerson{remote_id, "", "", "", agent});
  meet_organisation(reading, person.organisation_id, context);
  const auto kind = person.is_agent ? tickets::PersonKind::agent : tickets::PersonKind::customer;
  reading.people.push_back({{spoke_.system, remote_id, kind, person.name, person.mail, {}}, person.organisation_id});
}

void Puller::retry_aside(run::JobContext& context, Pulled& out) {
  std::map<std::string, tickets::Aside> due;  // by ticket
  for (const std::string& source : {tickets_source(spoke_.system), comments_source(spoke_.system)}) {
    for (auto& one :
         context.ledger.read([&](Tx& tx) { return tickets::due_aside(tx, source, context.now(), most_aside_a_run); })) {
      due.try_emplace(one.remote_id.substr(0, one.remote_id.find('/')), one);
    }
  }
  run::each(
      due, [&](const auto& one) { take_again(one.first, context, out); },
      [&](const auto& one, const std::exception& error) {
        context.write([&](Tx& tx) {
          tickets::set_aside(tx, one.second.source, one.second.remote_id, "", error.what(), context.now());
        });
      });
}

// Where a private note leaves `updated_at` alone, linked tickets are read on a slow cycle (rule 9).
void Puller::recheck_linked(run::JobContext& context, Pulled& out) {
  const std::string name = "desk_sync:" + spoke_.system + ":recheck";
  const auto cursor = context.ledger.read([&](Tx& tx) { return store::find_cursor(tx, name); });
  const bool under_way = cursor && !cursor->value.empty();
  if (cursor && !under_way && cursor->moved + section_.recheck > context.now()) return;
  const std::string after = under_way ? cursor->value : "";
  const auto ids = context.ledger.read([&](Tx& tx) {
    return tx.all<std::string>(
        "SELECT l.remote_id FROM link l JOIN ticket t ON t.id = l.ticket WHERE l.system = :system AND l.state = 'live' "
        "AND t.status NOT IN ('closed', 'cancelled') AND l.remote_id > :after ORDER BY l.remote_id LIMIT :most",
        spoke_.system, after, most_rechecks_a_run);
  });
  run::each(
      ids, [&](const std::string& id) { take_again(id, context, out); },
      [&](const std::string& id, const std::exception& error) {
        if (!is_of_the_row(error)) throw;
        DeskTicket row;
        row.id = id;
        put_aside(row, error.what(), context, out);
      });
  const bool finished = ids.size() < static_cast<std::size_t>(most_rechecks_a_run);
  context.write([&](Tx& tx) { store::move_cursor(tx, name, finished ? "" : ids.back(), context.now()); });
}

}  // namespace supportd::desk_sync
