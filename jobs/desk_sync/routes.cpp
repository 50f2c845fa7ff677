#include <algorithm>

#include "daemon/http/query.hpp"
#include "daemon/json.hpp"
#include "jobs/desk_sync/operate.hpp"
#include "jobs/desk_sync/verify.hpp"

namespace supportd::desk_sync {
namespace {

using http::Inbound, http::Query;
using json::Writer;
using store::Tx;
using tickets::EventKind;

void write(Writer& w, const SideBySide& side) {
  w.object([&] {
    w.member("system", side.link.system).member("remote_id", side.link.remote_id).member("state", side.link.state);
    w.member("trouble", side.trouble);
    w.key("missing").object([&] {
      for (const auto& [field, value] : side.missing) w.member(field, value);
    });
    w.key("fields").array([&] {
      for (const Standing& field : side.fields) {
        w.object([&] {
          w.member("field", field.field).member("agreed", field.agreed).member("desk", field.desk);
          w.member("ledger", field.ledger).member("outcome", field.outcome);
        });
      }
    });
  });
}

void write(Writer& w, const Conflict& c) {
  w.object([&] {
    w.member("id", c.id).member("at", time::to_text(c.at)).member("ticket", c.ticket.value).member("system", c.system);
    w.member("field", c.field).member("agreed", c.agreed).member("desk", c.desk).member("ledger", c.ledger);
    w.member("winner", c.winner).member("rule", c.rule).member("resolved", c.resolved);
  });
}

http::Response diff(const Operating& operating, const Inbound& in) {
  const Query none(in, {});
  const tickets::TicketId id{http::id_of(in, "ticket")};
  const auto sides = operating.diff(id);
  Writer w;
  w.object([&] {
    w.member("ticket", id.value).key("desks").array([&] {
      for (const SideBySide& side : sides) write(w, side);
    });
  });
  return http::json(w.take());
}

http::Response plan(const Operating& operating, const Inbound& in) {
  const Query query(in, {"limit"});
  const Plan found = operating.plan(static_cast<int>(query.number("limit", 50, 1, 1000)));
  Writer w;
  w.object([&] {
    w.member("plan", found.fields)
        .member("words", found.words)
        .member("trouble", found.trouble)
        .member("dead", found.dead);
  });
  return http::json(w.take());
}

bool is_value(EventKind kind) {
  switch (kind) {
    case EventKind::commented:
    case EventKind::edited:
    case EventKind::redacted:
    case EventKind::sla: return false;
    default: return true;
  }
}

std::string words_of(const Conflict& c) {
  if (c.rule == "newest") return "the later change wins";
  if (c.rule == "tie") return "both within the skew, where the side of tie wins";
  if (c.rule == "ended") return "who ends a ticket is not overruled";
  if (c.rule.empty()) return "by its owner rule";
  return (c.rule == "desk" ? c.system : c.rule == "ledger" ? "the ledger" : c.rule) + " owns the field";
}

// One of these changes of a field, and the conflicts about it, oldest first.
struct FieldHistory {
  std::vector<tickets::Event> changes{};
  std::vector<Conflict> conflicts{};
};

bool is_settled(const Conflict& c) { return c.winner == "desk" || c.winner == "ledger"; }

// Why the value came to stand, what it withstood, and what took its place. The events of a desk were merged at the
// instant they were recorded, as were the conflicts.
std::string why(const FieldHistory& of, std::size_t index) {
  const tickets::Event& event = of.changes[index];
  const tickets::Event* next = index + 1 < of.changes.size() ? &of.changes[index + 1] : nullptr;
  const auto brought = [&](const Conflict& c, const tickets::Event& by) {
    return c.winner == "desk" && c.system == by.origin && c.at == by.recorded;
  };
  std::string out = event.origin == "operator"                    ? "an operator decided it"
                    : event.origin.find(':') == std::string::npos ? "decided by " + event.origin
                                                                  : "only this side had changed it";
  for (const Conflict& c : of.conflicts) {
    if (brought(c, event)) out = "both sides had changed it: " + words_of(c);
  }
  for (const Conflict& c : of.conflicts) {
    const bool meanwhile = c.at >= event.recorded && (next == nullptr || c.at < next->recorded);
    if (meanwhile && c.winner == "ledger")
      out += "; it stands against '" + c.desk + "' of " + c.system + ": " + words_of(c);
    if (next != nullptr && brought(c, *next)) out += "; overruled by " + c.system + ": " + words_of(c);
  }
  return out;
}

std::string field_of(const tickets::Change& change) {
  return change.kind == EventKind::field ? change.name : std::string(tickets::to_text(change.kind));
}

// Each value the ticket has had, when, from whom, and by which rule it stood where two sides disagreed.
http::Response history(Registry& registry, const Inbound& in) {
  const Query query(in, {"field"});
  const std::string only = query.text("field");
  const tickets::TicketId id{http::id_of(in, "ticket")};
  const auto config = registry.config.get();
  const auto& section = config->get<Section>("desk_sync");
  return http::json(registry.ledger.read([&](Tx& tx) {
    tickets::load(tx, id);
    Writer w;
    const auto settled = conflicts_of(tx, id);
    std::map<std::string, FieldHistory> fields;
    for (auto c = settled.rbegin(); c != settled.rend(); ++c) {
      if (is_settled(*c)) fields[mapping_of(section, c->system).ledger_name(c->field)].conflicts.push_back(*c);
    }
    const auto events = tickets::events_of(tx, id);
    for (const tickets::Event& event : events) {
      if (is_value(event.change.kind)) fields[field_of(event.change)].changes.push_back(event);
    }
    std::map<std::string, std::size_t> told;
    w.object([&] {
      w.member("ticket", id.value).key("changes").array([&] {
        for (const tickets::Event& event : events) {
          const std::string field = field_of(event.change);
          if (!is_value(event.change.kind) || (!only.empty() && only != field)) continue;
          w.object([&] {
            w.member("field", field).member("value", event.change.value).member("added", event.change.added);
            w.member("removed", event.change.removed).member("effective", time::to_text(event.effective));
            w.member("recorded", time::to_text(event.recorded)).member("from", event.origin);
            w.member("by", event.actor).member("rule", why(fields[field], told[field]++));
          });
        }
      });
      w.key("conflicts").array([&] {
        for (const Conflict& conflict : settled) {
          const bool is_it =
              only == conflict.field || only == mapping_of(section, conflict.system).ledger_name(conflict.field);
          if (only.empty() || is_it) write(w, conflict);
        }
      });
      w.key("writes").array([&] {
        tx.each<std::string, std::string, std::string, Instant, std::string>(
            "SELECT channel, lane, state, attempt_at, error FROM effect WHERE subject = :subject AND kind = 'state' "
            "AND "
            "attempts > 0 ORDER BY id",
            [&](const auto& row) {
              const auto& [system, lane, state, at, error] = row;
              w.object([&] {
                w.member("system", system).member("remote_id", lane.substr(lane.rfind(':') + 1));
                w.member("state", state).member("at", time::to_text(at)).member("error", error);
              });
            },
            subject_of(id));
      });
    });
    return w.take();
  }));
}

http::Response list(store::Ledger& ledger, const Inbound& in) {
  const Query query(in, {"all", "before", "limit"});
  const auto before = query.number("before", 0, 0, std::numeric_limits<std::int64_t>::max());
  const auto most = static_cast<int>(query.number("limit", 50, 1, 1000));
  const auto found = ledger.read([&](Tx& tx) { return conflicts(tx, query.flag("all"), before, most); });
  Writer w;
  w.object([&] {
    w.key("conflicts").array([&] {
      for (const Conflict& conflict : found) write(w, conflict);
    });
  });
  return http::json(w.take());
}

http::Response drift(store::Ledger& ledger, const Operating& operating, const Inbound& in) {
  const Query query(in, {"system", "after", "limit"});
  const auto systems = operating.desks_named(query.text("system"));
  const auto after = query.number("after", 0, 0, std::numeric_limits<std::int64_t>::max());
  const auto most = static_cast<int>(query.number("limit", 50, 1, 1000));
  std::vector<Drift> found;
  std::map<std::string, std::optional<Instant>> verified;
  ledger.read([&](Tx& tx) {
    found = list_drift(tx, query.text("system"), after, most);
    for (const auto& system : systems) verified[system] = last_verified(tx, system);
  });
  Writer w;
  w.object([&] {
    w.key("verified").array([&] {
      for (const auto& [system, at] : verified) {
        w.object(
            [&] { w.member("system", system).member("at", at ? std::optional(time::to_text(*at)) : std::nullopt); });
      }
    });
    w.key("drift").array([&] {
      for (const Drift& one : found) {
        w.object([&] {
          w.member("id", one.id).member("system", one.system).member("remote_id", one.remote_id);
          if (one.ticket.value != 0) w.member("ticket", one.ticket.value);
          w.member("kind", to_text(one.kind)).member("field", one.field).member("desk", one.desk);
          w.member("ledger", one.ledger).member("found", time::to_text(one.found));
        });
      }
    });
  });
  return http::json(w.take());
}

http::Response resolve(const Operating& operating, const Inbound& in) {
  const Query query(in, {"winner", "reason"});
  const std::string winner = query.required("winner");
  if (winner != "desk" && winner != "ledger") {
    throw Error(ErrorKind::config, "parameter 'winner': \"desk\" or \"ledger\"");
  }
  const std::int64_t id = http::id_of(in);
  operating.resolve(id, winner == "desk", http::actor_of(in), query.text("reason"));
  Writer w;
  w.object([&] { w.member("id", id).member("winner", winner); });
  return http::json(w.take());
}

}  // namespace

void add_routes(Registry& registry, const Operating& operating) {
  const auto add = [&](const char* method, const char* path, http::Handler handler) {
    registry.routes.add({method, path, http::Access::operate, std::move(handler)});
  };
  store::Ledger& ledger = registry.ledger;
  add("GET", "/control/sync/{ticket}/diff", [&operating](const Inbound& in) { return diff(operating, in); });
  add("GET", "/control/sync/plan", [&operating](const Inbound& in) { return plan(operating, in); });
  add("GET", "/api/v1/sync/{ticket}/history", [&registry](const Inbound& in) { return history(registry, in); });
  add("GET", "/api/v1/sync/conflicts", [&ledger](const Inbound& in) { return list(ledger, in); });
  add("GET", "/api/v1/sync/drift", [&](const Inbound& in) { return drift(ledger, operating, in); });
  add("POST", "/control/sync/conflicts/{id}/resolve",
      [&operating](const Inbound& in) { return resolve(operating, in); });
}

}  // namespace supportd::desk_sync
