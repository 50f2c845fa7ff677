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
    w.member("winner", c.winner).member("resolved", c.resolved);
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

// Why the value stands: the events of a desk were merged at the instant they were recorded.
std::string rule_of(const tickets::Event& event, const std::string& field, const std::vector<Conflict>& conflicts) {
  if (event.origin == "operator") return "an operator decided it";
  if (event.origin.find(':') == std::string::npos) return "decided by " + event.origin;
  const auto settled = std::ranges::find_if(conflicts, [&](const Conflict& one) {
    return one.at == event.recorded && one.system == event.origin && one.field == field;
  });
  if (settled == conflicts.end()) return "only this side had changed it";
  return "both sides had changed it: the desk's word stands, by its owner rule";
}

// Each value the ticket has had, when, from whom, and by which rule it stood where two sides disagreed.
http::Response history(store::Ledger& ledger, const Inbound& in) {
  const Query query(in, {"field"});
  const std::string only = query.text("field");
  const tickets::TicketId id{http::id_of(in, "ticket")};
  return http::json(ledger.read([&](Tx& tx) {
    tickets::load(tx, id);
    Writer w;
    const auto settled = conflicts_of(tx, id);
    w.object([&] {
      w.member("ticket", id.value).key("changes").array([&] {
        for (const tickets::Event& event : tickets::events_of(tx, id)) {
          const std::string field = event.change.kind == EventKind::field
                                        ? event.change.name
                                        : std::string(tickets::to_text(event.change.kind));
          if (!is_value(event.change.kind) || (!only.empty() && only != field)) continue;
          w.object([&] {
            w.member("field", field).member("value", event.change.value).member("added", event.change.added);
            w.member("removed", event.change.removed).member("effective", time::to_text(event.effective));
            w.member("recorded", time::to_text(event.recorded)).member("from", event.origin);
            w.member("by", event.actor).member("rule", rule_of(event, field, settled));
          });
        }
      });
      w.key("conflicts").array([&] {
        for (const Conflict& conflict : settled) {
          if (only.empty() || only == conflict.field) write(w, conflict);
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
  add("GET", "/api/v1/sync/{ticket}/history", [&ledger](const Inbound& in) { return history(ledger, in); });
  add("GET", "/api/v1/sync/conflicts", [&ledger](const Inbound& in) { return list(ledger, in); });
  add("GET", "/api/v1/sync/drift", [&](const Inbound& in) { return drift(ledger, operating, in); });
  add("POST", "/control/sync/conflicts/{id}/resolve",
      [&operating](const Inbound& in) { return resolve(operating, in); });
}

}  // namespace supportd::desk_sync
