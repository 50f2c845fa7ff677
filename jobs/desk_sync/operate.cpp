#include "jobs/desk_sync/operate.hpp"

#include "daemon/config/suggest.hpp"
#include "daemon/json.hpp"
#include "daemon/run/each.hpp"
#include "daemon/store/audit.hpp"
#include "jobs/desk_sync/hidden.hpp"
#include "jobs/desk_sync/owing.hpp"
#include "jobs/desk_sync/quarrel.hpp"
#include "jobs/tickets/messages.hpp"

namespace supportd::desk_sync {
namespace {

using store::Tx;

std::string outcome_of(const Difference& d, const Mapping& mapping) {
  if (d.desk == d.ledger) return "both say the same";
  if (!d.desk_changed) return "the next write gives the desk the ledger's";
  const Owner owner = mapping.owner_of(d.field());
  if (owner == Owner::ledger) {
    return "the desk changed it: " + (owner.other.empty() ? "the ledger" : owner.other) + " owns the field";
  }
  if (!d.ledger_changed) return "the next read takes the desk's";
  return owner == Owner::desk ? "both changed it: the desk owns the field" : "both changed it: the later change wins";
}

std::string joined(const std::vector<std::string>& tags) {
  std::string out;
  for (const auto& tag : tags) out += (out.empty() ? "" : " ") + tag;
  return out;
}

template <class... A>
std::vector<Conflict> select(Tx& tx, const std::string& tail, const A&... args) {
  std::vector<Conflict> out;
  tx.each<std::int64_t, tickets::TicketId, std::string, std::string, std::string, std::string, std::string, std::string,
          Instant, std::string, std::string>(
      "SELECT id, ticket, system, field, agreed, desk, ledger, winner, at, resolved, rule FROM desk_conflict " + tail,
      [&](auto row) {
        auto& [id, ticket, system, field, agreed, desk, ledger, winner, at, resolved, rule] = row;
        out.push_back({id, ticket, system, field, agreed, desk, ledger, winner, at, resolved, rule});
      },
      args...);
  return out;
}

// The kind of a scalar by its name; custom fields are the rest.
tickets::EventKind kind_of(const std::string& field) {
  using tickets::EventKind;
  for (const EventKind kind : {EventKind::status, EventKind::priority, EventKind::type, EventKind::subject,
                               EventKind::assignee, EventKind::group}) {
    if (tickets::to_text(kind) == field) return kind;
  }
  return EventKind::field;
}

// "a comment by Kim: The tunnel flaps."
std::string describe(Tx& tx, const json::View& payload) {
  const std::string what = payload.at("what").string();
  if (what == "comment") {
    const auto message = tickets::find_message(tx, tickets::MessageId{payload.at("message").integer()});
    if (!message) return "a comment that is gone";
    const std::string text = tickets::text_of(tx, *message);
    return "a comment by " + (message->author_name.empty() ? "supportd" : message->author_name) + ": " +
           text.substr(0, text.find('\n'));
  }
  if (what == "counterpart") return payload.string("follows", "").empty() ? "a new ticket" : "a follow-up ticket";
  return "a " + what;
}

void plan_words(Tx& tx, const std::vector<std::string>& systems, int most, Plan& out) {
  for (const std::string& system : systems) {
    for (const auto& [lane, text, error] : tx.all<std::string, std::string, std::string>(
             "SELECT lane, payload, error FROM effect WHERE channel = :system AND kind = 'message' AND state IN "
             "('queued', 'leased', 'unknown') ORDER BY position LIMIT :most",
             system, most)) {
      const auto payload = json::Document::parse(text, "effect");
      const std::string remote = lane.substr(lane.rfind(':') + 1);
      const std::string ticket = std::to_string(payload.root().at("ticket").integer());
      const bool is_new = payload.root().at("what").string() == "counterpart";
      out.words.push_back(system + (is_new ? "" : " " + remote) + " (ticket " + ticket +
                          "): " + describe(tx, payload.root()) + (error.empty() ? "" : "; " + error));
    }
  }
}

}  // namespace

std::vector<Standing> standings(const Snapshot& agreed, const Snapshot& desk, const Snapshot& ledger,
                                const Mapping& mapping) {
  std::vector<Standing> out;
  for (const Difference& d : compare(agreed, desk, ledger)) {
    const bool is_read = d.desk == d.ledger || (d.desk_changed && !(mapping.owner_of(d.field()) == Owner::ledger));
    out.push_back({d.field(), d.agreed, d.desk, d.ledger, outcome_of(d, mapping), !is_read});
  }
  const auto tags = merge_tags(agreed.tags, desk.tags, ledger.tags);
  if (tags != desk.tags || tags != ledger.tags) {
    out.push_back({"tags", joined(agreed.tags), joined(desk.tags), joined(ledger.tags), "together: " + joined(tags)});
  }
  return out;
}

std::vector<Conflict> conflicts(Tx& tx, bool all, std::int64_t before, int most) {
  return select(tx,
                std::string("WHERE id < :before ") + (all ? "" : "AND resolved = '' ") + "ORDER BY id DESC LIMIT :most",
                before > 0 ? before : std::numeric_limits<std::int64_t>::max(), most);
}

std::vector<Conflict> conflicts_of(Tx& tx, tickets::TicketId ticket) {
  return select(tx, "WHERE ticket = :ticket ORDER BY id DESC", ticket);
}

std::map<std::string, std::int64_t> count_conflicts(Tx& tx) {
  std::map<std::string, std::int64_t> out;
  tx.each<std::string, std::int64_t>(
      "SELECT system, count(*) FROM desk_conflict WHERE resolved = '' GROUP BY system ORDER BY system",
      [&](const auto& row) { out[std::get<0>(row)] = std::get<1>(row); });
  return out;
}

SideBySide Operating::look(const tickets::Ticket& ticket, const tickets::Link& link) const {
  SideBySide out;
  out.link = link;
  const auto desk = desks_.find(link.system);
  if (!desk) {
    out.trouble = link.system + " is not configured";
    return out;
  }
  run::each(
      std::initializer_list<int>{0},
      [&](int) {
        const Snapshot now = snapshot_of(desk->ticket(link.remote_id, {}));
        const auto config = registry_.config.get();
        const Mapping& mapping = mapping_of(config->get<Section>("desk_sync"), link.system);
        const Snapshot agreed = decode_snapshot(link.agreed);
        const Snapshot wanted = registry_.ledger.read(
            [&](Tx& tx) { return wanted_at(tx, link.system, ticket, mapping, agreed, &out.missing); });
        out.fields = standings(agreed, now, wanted, mapping);
        if (takes_part_at(link.system, ticket, mapping)) return;
        for (Standing& field : out.fields) {
          if (!field.is_written) continue;
          field.outcome = "stays: the rule takes the ticket no more (takes_part)";
          field.is_written = false;
        }
      },
      [&](int, const std::exception& error) { out.trouble = error.what(); });
  return out;
}

std::vector<std::string> Operating::desks_named(const std::string& system) const {
  if (system.empty()) return desks_.systems();
  if (desks_.find(system)) return {system};
  throw Error(ErrorKind::config, "no desk '" + system + "': " + config::known_names(system, desks_.systems()));
}

std::vector<SideBySide> Operating::diff(tickets::TicketId id) const {
  tickets::Ticket ticket;
  std::vector<tickets::Link> links;
  registry_.ledger.read([&](Tx& tx) {
    ticket = tickets::load(tx, id);
    links = tickets::links_of(tx, id);
  });
  std::vector<SideBySide> out;
  for (const tickets::Link& link : links) out.push_back(look(ticket, link));
  return out;
}

Plan Operating::plan(int most) const {
  struct Owed {
    tickets::Ticket ticket;
    tickets::Link link;
  };
  Plan out;
  std::vector<Owed> owed;
  registry_.ledger.read([&](Tx& tx) {
    for (const auto& [lane, channel] : tx.all<std::string, std::string>(
             "SELECT lane, channel FROM effect WHERE kind = 'state' AND state IN ('queued', 'leased', 'unknown') AND "
             "key LIKE 'set:%:ticket:%:fields' ORDER BY position LIMIT :most",
             most)) {
      const std::string prefix = channel + ":ticket:";
      if (!lane.starts_with(prefix)) continue;
      if (const auto link = tickets::find_link(tx, channel, lane.substr(prefix.size()))) {
        owed.push_back({tickets::load(tx, link->ticket), *link});
      }
    }
    plan_words(tx, desks_.systems(), most, out);
    out.dead = *tx.one<std::int64_t>(
        "SELECT count(*) FROM effect WHERE kind = 'state' AND state = 'dead' AND key LIKE 'set:%:ticket:%:fields'");
  });
  for (const Owed& one : owed) {
    const SideBySide side = look(one.ticket, one.link);
    const std::string where =
        one.link.system + " " + one.link.remote_id + " (ticket " + std::to_string(one.ticket.id.value) + "): ";
    if (!side.trouble.empty()) out.trouble.push_back(where + side.trouble);
    for (const Standing& field : side.fields) {
      if (!field.is_written) continue;
      out.fields.push_back(where + field.field + " \"" + field.desk + "\" -> \"" + field.ledger +
                           "\": " + field.outcome);
    }
  }
  return out;
}

void Operating::resolve(std::int64_t id, bool desk_wins, const std::string& actor, const std::string& reason) const {
  const Instant now = registry_.clock.now();
  registry_.ledger.write([&](Tx& tx) {
    const auto found = select(tx, "WHERE id = :id", id);
    if (found.empty()) throw Error(ErrorKind::gone, "there is no conflict " + std::to_string(id));
    const Conflict& it = found.front();
    if (!it.resolved.empty())
      throw Error(ErrorKind::refused, "conflict " + std::to_string(id) + " is resolved already");
    auto link = tickets::link_of(tx, it.ticket, it.system);
    if (!link) throw Error(ErrorKind::refused, "the ticket is not linked to " + it.system + " any more");
    const auto config = registry_.config.get();
    const Mapping& mapping = mapping_of(config->get<Section>("desk_sync"), it.system);
    const tickets::EventKind kind = kind_of(it.field);
    const bool is_value = it.field != "tags" && !is_word(it.field);
    // What the ledger must hear anew: the desk's value that it did not take, or its own that the desk's replaced.
    if (desk_wins != (it.winner == "desk") && is_value) {
      if (kind == tickets::EventKind::assignee) {
        throw Error(ErrorKind::refused, "whom a ticket is assigned to is decided at the desks");
      }
      const bool custom = kind == tickets::EventKind::field;
      const std::string& chosen = desk_wins ? it.desk : it.ledger;
      const auto value = to_ledger(mapping, kind, custom ? it.field : "", chosen);
      if (!value) throw Error(ErrorKind::refused, "'" + chosen + "' has no counterpart in the ledger: map it first");
      const FieldRule* rule = custom ? mapping.rule_of(it.field) : nullptr;
      tickets::Change change;
      change.kind = kind;
      change.value = *value;
      if (custom) change.name = rule == nullptr ? it.field : rule->ledger_name();
      kernel_.append(tx, {it.ticket, change, now, "operator", actor, "resolve:" + std::to_string(id)}, now);
    }
    if (!desk_wins && it.winner != "ledger" && it.winner != "desk" && !is_word(it.field)) {
      // As if the desk had said so when both last agreed: what the ledger says now is the only news.
      Snapshot agreed = decode_snapshot(link->agreed);
      if (is_value) set_value(agreed, it.field, it.desk);
      link->agreed = encode(agreed);
      tickets::save_link(tx, *link);
      owe_fields(tx, registry_.outbox, it.system, link->remote_id, it.ticket, now);
    }
    end_quarrel(tx, it.system, it.ticket, it.field);
    tx.exec("UPDATE desk_conflict SET resolved = :by WHERE id = :id", (desk_wins ? "desk, by " : "ledger, by ") + actor,
            id);
    store::audit(tx, now,
                 {actor, "sync.resolve", "conflict " + std::to_string(id), reason,
                  std::string("{\"winner\":\"") + (desk_wins ? "desk" : "ledger") + "\"}"});
  });
}

}  // namespace supportd::desk_sync
