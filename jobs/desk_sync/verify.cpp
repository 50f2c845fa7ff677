#include "jobs/desk_sync/verify.hpp"

#include <algorithm>
#include <map>

#include "daemon/run/each.hpp"
#include "daemon/run/patience.hpp"
#include "daemon/store/cursor.hpp"
#include "jobs/desk_sync/counterpart.hpp"
#include "jobs/desk_sync/hidden.hpp"
#include "jobs/desk_sync/owing.hpp"
#include "jobs/desk_sync/quarrel.hpp"
#include "jobs/tickets/aside.hpp"
#include "jobs/tickets/messages.hpp"
#include "jobs/tickets/text.hpp"

namespace supportd::desk_sync {
namespace {

using connectors::Call;
using connectors::DeskTicket;
using store::Tx;
using Kind = Drift::Kind;

// A change so young may not be in the desk's lists yet.
constexpr std::chrono::minutes on_its_way{5};

constexpr std::array kinds{Kind::unread, Kind::unwritten, Kind::absent, Kind::unknown};

Kind kind_of(const std::string& text) {
  const auto found = std::ranges::find(kinds, text, [](Kind kind) { return to_text(kind); });
  if (found == kinds.end()) throw Error(ErrorKind::corrupt, "ledger: drift of the kind " + text);
  return *found;
}

std::string joined(const std::vector<std::string>& tags) {
  std::string out;
  for (const auto& tag : tags) out += (out.empty() ? "" : " ") + tag;
  return out;
}

std::vector<std::string> live_tickets(Tx& tx, const std::string& system) {
  return tx.all<std::string>("SELECT remote_id FROM link WHERE system = :system AND state = 'live' ORDER BY remote_id",
                             system);
}

std::string cursor_of(const std::string& system) { return "desk_sync:" + system + ":verified"; }

void keep(Tx& tx, const std::string& system, const std::vector<Drift>& found, Instant now) {
  tx.exec("DELETE FROM desk_drift WHERE system = :system", system);
  for (const Drift& one : found) {
    tx.exec(
        "INSERT INTO desk_drift (system, remote_id, ticket, kind, field, desk, ledger, found_at) VALUES (:system, "
        ":remote, :ticket, :kind, :field, :desk, :ledger, :now)",
        system, one.remote_id, one.ticket, to_text(one.kind), one.field, one.desk, one.ledger, now);
  }
  store::move_cursor(tx, cursor_of(system), "", now);
}

// It has been sent, or will be by itself.
bool is_on_its_way(Tx& tx, const std::string& key) {
  return tx
      .one<int>(
          "SELECT 1 FROM effect WHERE (key = :key OR key = :closed) AND state IN ('done', 'queued', 'leased', "
          "'unknown')",
          key, key + ":closed")
      .has_value();
}

}  // namespace

std::string_view to_text(Kind kind) {
  switch (kind) {
    case Kind::unread: return "unread";
    case Kind::unwritten: return "unwritten";
    case Kind::absent: return "absent";
    case Kind::unknown: return "unknown";
  }
  return "";
}

std::vector<Drift> list_drift(Tx& tx, const std::string& system, std::int64_t after, int most) {
  std::vector<Drift> out;
  tx.each<std::int64_t, std::string, std::string, tickets::TicketId, std::string, std::string, std::string, std::string,
          Instant>(
      "SELECT id, system, remote_id, ticket, kind, field, desk, ledger, found_at FROM desk_drift WHERE id > :after AND "
      "(:any = '' OR system = :system) ORDER BY id LIMIT :most",
      [&](auto row) {
        auto& [id, of, remote_id, ticket, kind, field, desk, ledger, found] = row;
        out.push_back({id, of, remote_id, ticket, kind_of(kind), field, desk, ledger, found});
      },
      after, system, system, most);
  return out;
}

std::optional<Instant> last_verified(Tx& tx, const std::string& system) {
  const auto cursor = store::find_cursor(tx, cursor_of(system));
  if (!cursor) return {};
  return cursor->moved;
}

std::map<std::string, std::int64_t> count_drift(Tx& tx) {
  std::map<std::string, std::int64_t> out;
  tx.each<std::string, std::int64_t>(
      "SELECT system, count(DISTINCT remote_id) FROM desk_drift GROUP BY system ORDER BY system",
      [&](const auto& row) { out[std::get<0>(row)] = std::get<1>(row); });
  return out;
}

std::vector<Drift> Verifier::differences(Tx& tx, const tickets::Link& link, const DeskTicket& row) const {
  const auto ticket = tickets::load(tx, link.ticket);
  const Mapping& mapping = mapping_of(section_, spoke_.system);
  const Snapshot agreed = decode_snapshot(link.agreed);
  const Snapshot desk = snapshot_of(row);
  std::map<std::string, std::string> stays;  // what does not go there: it has no counterpart, or was cut off
  const Snapshot ledger = wanted_at(tx, spoke_.system, ticket, mapping, agreed, &stays, &stays);
  const bool takes_part = takes_part_at(spoke_.system, ticket, mapping);
  std::vector<Drift> out;
  const auto add = [&](bool desk_changed, std::string field, std::string there, std::string here) {
    if (!desk_changed && !takes_part) return;
    out.push_back({.system = spoke_.system,
                   .remote_id = row.id,
                   .ticket = link.ticket,
                   .kind = desk_changed ? Kind::unread : Kind::unwritten,
                   .field = std::move(field),
                   .desk = std::move(there),
                   .ledger = std::move(here)});
  };
  for (const Difference& d : compare(agreed, desk, ledger)) {
    if (d.desk != d.ledger) add(d.desk_changed, d.field(), d.desk, d.ledger);
  }
  for (const auto& [field, value] : stays) {
    if (value_of(desk, field) != value && value_of(desk, field) == value_of(ledger, field)) {
      add(false, field, value_of(desk, field), value);
    }
  }
  if (desk.tags != ledger.tags) add(desk.tags != agreed.tags, "tags", joined(desk.tags), joined(ledger.tags));
  return out;
}

bool Verifier::seems_off(Tx& tx, const DeskTicket& row) const {
  const auto link = tickets::find_link(tx, spoke_.system, row.id);
  const bool there = !row.deleted && !row.spam;
  if (!link) return there;
  if (link->state != "live") return false;
  return !there || !differences(tx, *link, row).empty();
}

std::vector<Drift> Verifier::drift_of(const std::string& id, const Call& call) const {
  const auto row = unless_gone([&] { return spoke_.desk.ticket(id, call); });
  const bool there = row && !row->deleted && !row->spam;
  if (there && row->updated + on_its_way > registry_.clock.now()) return {};
  return registry_.ledger.read([&](Tx& tx) -> std::vector<Drift> {
    const auto link = tickets::find_link(tx, spoke_.system, id);
    Drift whole{.system = spoke_.system, .remote_id = id};
    if (!link) {
      if (!there || tickets::is_aside(tx, tickets_source(spoke_.system), id)) return {};
      whole.kind = Kind::unknown;
      whole.desk = row->subject;
      return {whole};
    }
    if (link->state != "live") return {};
    if (!there) {
      const auto ticket = tickets::load(tx, link->ticket);
      if (ticket.deleted || ticket.merged_into) return {};  // as we, or its people, wanted
      whole.kind = Kind::absent;
      whole.ticket = link->ticket;
      whole.ledger = ticket.subject;
      return {whole};
    }
    using outbox::State;
    const auto under_way = registry_.outbox.list(
        tx, {.states = {State::queued, State::leased, State::unknown}, .lane = lane_of(spoke_.system, id), .most = 1});
    return under_way.empty() ? differences(tx, *link, *row) : std::vector<Drift>{};
  });
}

std::vector<Drift> Verifier::drift_of_comments(const std::string& id, Instant before, const Call& call,
                                               Verified& out) const {
  const Ourselves us{spoke_.desk.own_id(call), registry_.ledger.began(), registry_.outbox.certain_since()};
  std::vector<connectors::BadRow> bad;  // set aside by whoever reads the ticket
  const auto comments = unless_gone([&] { return spoke_.desk.comments(id, bad, call); });
  if (!comments) return {};
  out.comments += static_cast<long long>(comments->size());
  return registry_.ledger.read([&](Tx& tx) {
    std::vector<Drift> found;
    const auto link = tickets::find_link(tx, spoke_.system, id);
    const std::string lane = lane_of(spoke_.system, id);
    const auto add = [&](Kind kind, const std::string& comment, std::string desk, std::string ledger) {
      found.push_back({.system = spoke_.system,
                       .remote_id = id,
                       .ticket = link->ticket,
                       .kind = kind,
                       .field = word_field(comment),
                       .desk = std::move(desk),
                       .ledger = std::move(ledger)});
    };
    std::map<std::string, bool> there;  // whether it is public
    for (const auto& row : bad) there[row.id] = false;
    for (const auto& comment : *comments) {
      there[comment.id] = comment.is_public;
      const std::string text = tickets::html_to_text(comment.html);
      if (comment.created >= before || tickets::find_message_id(tx, comment_identity(spoke_.system, comment.id)) ||
          is_echo(tx, spoke_.system, lane, comment, text, us)) {
        continue;
      }
      add(Kind::unread, comment.id, text.substr(0, text.find('\n')), "");
    }
    for (const auto& [key, comment, payload] : tx.all<std::string, std::string, std::string>(
             "SELECT key, remote_id, payload FROM effect WHERE lane = :lane AND kind = 'message' "
             "AND state = 'done' AND remote_id "
             "IS NOT NULL AND remote_id <> '' ORDER BY id",
             lane)) {
      const auto shown = there.find(comment);
      if (shown == there.end()) {
        add(Kind::absent, comment, "", key);
      } else if (shown->second && carries_private_word(tx, payload)) {
        add(Kind::unwritten, comment, "public", "private");
      }
    }
    const bool takes_part =
        takes_part_at(spoke_.system, tickets::load(tx, link->ticket), mapping_of(section_, spoke_.system));
    for (const tickets::Message& word : takes_part ? words_for(tx, *link) : std::vector<tickets::Message>{}) {
      if (word.created + on_its_way > before || is_on_its_way(tx, mirror_key(word, spoke_.system))) continue;
      const std::string text = tickets::text_of(tx, word);
      add(Kind::unwritten, "of " + word.identity, "", text.substr(0, text.find('\n')));
    }
    return found;
  });
}

Verified Verifier::verify(Puller& puller, run::JobContext& context) {
  const Call call = puller.call(context);
  run::Patience patiently(context);
  const Instant began = context.now();
  const Instant from = context.ledger.read([&](Tx& tx) { return counted_from(tx, spoke_.system); }).value_or(began);
  Verified out;
  std::vector<std::string> listed, suspects;
  std::string cursor;
  for (bool more = true; more;) {
    if (context.stop.stop_requested()) throw Error(ErrorKind::stopped, "stopped between pages");
    const auto page = patiently([&] { return spoke_.desk.changes(cursor, from, call); });
    context.ledger.read([&](Tx& tx) {
      for (const DeskTicket& row : page.tickets) {
        listed.push_back(row.id);
        if (seems_off(tx, row)) suspects.push_back(row.id);
      }
    });
    for (const auto& row : page.bad) listed.push_back(row.id);
    out.tickets += static_cast<long long>(page.tickets.size());
    cursor = page.cursor;
    more = page.more;
    patiently.tell(
        {spoke_.system + ": " + std::to_string(out.tickets) + " tickets listed", {{"tickets", out.tickets}}});
  }
  const auto live = context.ledger.read([&](Tx& tx) { return live_tickets(tx, spoke_.system); });
  std::ranges::sort(listed);
  std::ranges::set_difference(live, listed, std::back_inserter(suspects));
  std::ranges::sort(suspects);
  suspects.erase(std::ranges::unique(suspects).begin(), suspects.end());
  if (!suspects.empty()) patiently([&] { return puller.pull(context); });

  std::vector<Drift> found;
  const auto add = [&](std::vector<Drift> more) { std::ranges::move(more, std::back_inserter(found)); };
  const auto unreadable = [&](const std::string& id, const std::exception& error) {
    if (!is_of_the_row(error)) throw;
    registry_.log.warning("ticket not verified", {{"system", spoke_.system}, {"ticket", id}, {"error", error.what()}});
  };
  const auto told = [&](std::size_t looked_at, std::size_t all, const std::string& what) {
    patiently.tell({spoke_.system + ": " + std::to_string(out.tickets) + " tickets listed, " +
                        std::to_string(looked_at) + " of " + std::to_string(all) + " " + what,
                    {{"tickets", out.tickets}, {"percent", static_cast<long long>(100 * looked_at / all)}}});
  };
  std::size_t looked_at = 0;
  run::each(
      suspects,
      [&](const std::string& id) {
        told(looked_at++, suspects.size(), "that seem to differ read again");
        add(patiently([&] { return drift_of(id, call); }));
      },
      unreadable);
  if (comments_) {
    looked_at = 0;
    run::each(
        live,
        [&](const std::string& id) {
          told(looked_at++, live.size(), "with their comments read");
          add(patiently([&] { return drift_of_comments(id, began, call, out); }));
        },
        unreadable);
  }
  out.drift = static_cast<long long>(found.size());
  context.write([&](Tx& tx) { keep(tx, spoke_.system, found, context.now()); });
  return out;
}

}  // namespace supportd::desk_sync
