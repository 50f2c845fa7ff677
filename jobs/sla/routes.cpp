#include "jobs/sla/routes.hpp"

#include <algorithm>
#include <limits>

#include "daemon/http/query.hpp"
#include "daemon/json.hpp"
#include "jobs/calendar/definition_json.hpp"
#include "jobs/sla/clock_json.hpp"
#include "jobs/sla/happenings.hpp"
#include "jobs/sla/stored_rules.hpp"
#include "jobs/sla/watch.hpp"
#include "jobs/sla/what_if.hpp"
#include "jobs/tickets/kernel.hpp"

namespace supportd::sla {
namespace {

using http::Inbound, http::Query;
using json::Writer;
using store::Tx;
using tickets::TicketId;

constexpr int most_a_step = 500;

// A part of what it is due for is used up that people wanted to hear of, or the time to warn has come.
bool is_at_risk(const Clock& clock, Instant now) {
  const auto leading = std::ranges::find(clock.promises, clock.due, &Promise::due);
  if (!clock.due || leading == clock.promises.end()) return false;
  return (clock.warn_at && *clock.warn_at <= now) || std::ranges::any_of(clock.thresholds, [&](const Threshold& it) {
           return it.target == leading->measure() && it.at <= now;
         });
}

void write_due(Writer& out, const tickets::Ticket& ticket, const Row& row, const Clock& clock, Instant now) {
  out.object([&] {
    out.member("ticket", ticket.id.value).member("subject", ticket.subject);
    out.key("priority");
    ticket.priority ? out.value(tickets::to_text(*ticket.priority)) : out.null();
    out.member("group", ticket.group).member("metric", to_text(row.metric)).member("instance", row.instance);
    out.member("policy", row.policy).member("due", time::to_text(*row.due));
    out.member("overdue", *row.due < now).member("at_risk", is_at_risk(clock, now));
    out.member("wall_seconds", whole_seconds(*row.due - now));
    time_member(out, "breached", row.breached);
    write_use(out, clock);
  });
}

http::Response due(Registry& registry, Rulebook& rulebook, const Inbound& in) {
  const Query query(in, {"limit", "at_risk"});
  constexpr std::int64_t most_read = 1'000;
  const std::int64_t most = query.number("limit", 20, 1, most_read);
  const bool at_risk_only = query.flag("at_risk");
  const Instant now = registry.clock.now();
  return http::json(registry.ledger.read([&](Tx& tx) {
    const auto rules = rulebook.current(tx);
    std::map<TicketId, std::vector<Clock>> clocks;
    Writer out;
    out.object([&] {
      out.member("now", time::to_text(now)).member("policies", rules->empty() ? 0 : rules->back().policies.size());
      out.key("due").array([&] {
        std::int64_t written = 0;
        for (const Row& row : next_due(tx, static_cast<int>(at_risk_only ? most_read : most))) {
          const auto [known, is_new] = clocks.try_emplace(row.ticket);
          if (is_new) known->second = clocks_of(happenings_of(tx, row.ticket), *rules, now, Detail::figures);
          const auto clock = std::ranges::find_if(
              known->second, [&](const Clock& it) { return it.metric == row.metric && it.instance == row.instance; });
          if (clock == known->second.end() || (at_risk_only && !is_at_risk(*clock, now))) continue;
          write_due(out, tickets::load(tx, row.ticket), row, *clock, now);
          if (++written == most) return;
        }
      });
    });
    return out.take();
  }));
}

http::Response explained(Registry& registry, Rulebook& rulebook, const Inbound& in) {
  const Query query(in, {});
  const TicketId id{http::id_of(in)};
  const Instant now = registry.clock.now();
  return http::json(registry.ledger.read([&](Tx& tx) {
    const auto ticket = tickets::load(tx, id);
    const auto rules = rulebook.current(tx);
    const auto happenings = happenings_of(tx, id);
    const auto clocks = rules->empty() ? std::vector<Clock>{} : clocks_of(happenings, *rules, now);
    const auto passed = passed_of(tx, id);
    Writer out;
    out.object([&] {
      out.member("ticket", id.value).member("subject", ticket.subject).member("now", time::to_text(now));
      out.member("status", tickets::to_text(ticket.status));
      const Policy* const policy =
          rules->empty() || happenings.empty() ? nullptr : rules->back().policy_for(happenings.back().facts);
      out.member("policy", policy == nullptr ? "" : policy->name);
      out.member("version", rules->empty() ? 0 : rules->back().version);
      out.key("clocks").array([&] {
        for (const Clock& it : clocks) write(out, it, *rules, passed);
      });
    });
    return out.take();
  }));
}

void write_step(Writer& out, const Step& step) {
  out.member("tickets", step.tickets).key("next");
  step.last ? out.value(step.last->value) : out.null();
}

// The rules that are asked about; those of organisations' tiers are ours where they name none, and so are calendars
// where the caller says so ("calendars=in_force"), as far as policies of ours use them.
Rules rules_in(const Inbound& in, const Rulebook::Versions& known) {
  try {
    Rules out = decode_rules(in.body);
    if (known.empty()) return out;
    if (out.tiers.empty()) out.tiers = known.back().tiers;
    const auto calendars = in.query.find("calendars");
    if (calendars == in.query.end() || calendars->second != "in_force") return out;
    for (auto& [name, calendar] : out.calendars) {
      if (const auto ours = known.back().calendars.find(name); ours != known.back().calendars.end()) {
        calendar = ours->second;
      }
    }
    return out;
  } catch (const Error& error) {
    throw Error(ErrorKind::config, std::string("the body holds no rules: ") + error.what());
  }
}

// The rules in force with another calendar of that name.
Rules with_calendar(const Inbound& in, const Rulebook::Versions& known) {
  const std::string& name = in.params.at("calendar");
  if (known.empty() || !known.back().calendars.contains(name)) {
    throw Error(ErrorKind::gone, "no policy in force uses a calendar '" + name + "'");
  }
  Rules out = known.back();
  try {
    calendar::Definition definition = calendar::definition_of(json::Document::parse(in.body, "body").root());
    definition.name = name;
    if (!calendar::ever_opens(definition)) throw Error(ErrorKind::config, "it never opens: nothing on it would be due");
    out.calendars[name] = std::make_shared<const calendar::Calendar>(std::move(definition));
  } catch (const Error& error) {
    throw Error(ErrorKind::config, std::string("the body holds no calendar: ") + error.what());
  }
  return out;
}

template <class Fresh>
http::Response differences(Registry& registry, Rulebook& rulebook, const Inbound& in, Fresh fresh) {
  const Query query(in, {"after"});
  const TicketId after{query.number("after", 0, 0, std::numeric_limits<std::int64_t>::max())};
  const auto found = registry.ledger.read([&](Tx& tx) {
    const auto rules = rulebook.current(tx);
    return diff(tx, *rules, fresh(in, *rules), after, most_a_step, registry.clock.now());
  });
  Writer out;
  out.object([&] {
    write_step(out, found);
    out.key("moved").array([&] {
      for (const Moved& it : found.moved) {
        out.object([&] {
          out.member("ticket", it.ticket.value).member("metric", to_text(it.metric)).member("instance", it.instance);
          time_member(out, "before", it.before);
          time_member(out, "after", it.after);
        });
      }
    });
  });
  return http::json(out.take());
}

void write(Writer& out, const char* name, const Compliance& it) {
  out.key(name).object([&] { out.member("clocks", it.clocks).member("kept", it.kept).member("missed", it.missed); });
}

http::Response simulated(Registry& registry, Rulebook& rulebook, const Inbound& in) {
  const Query query(in, {"from", "to", "after", "calendars"});
  const auto from = query.instant("from"), to = query.instant("to");
  const Instant now = registry.clock.now();
  if (to && *to > now) throw Error(ErrorKind::config, "to: what has not happened cannot be looked back on");
  const TicketId after{query.number("after", 0, 0, std::numeric_limits<std::int64_t>::max())};
  const auto found = registry.ledger.read([&](Tx& tx) {
    const auto rules = rulebook.current(tx);
    return simulate(tx, *rules, rules_in(in, *rules), from.value_or(Instant{}), to.value_or(now), after, most_a_step);
  });
  const auto write_tickets = [](Writer& out, const char* name, const std::vector<TicketId>& all) {
    out.key(name).array([&] {
      for (const TicketId id : all) out.value(id.value);
    });
  };
  Writer out;
  out.object([&] {
    write_step(out, found);
    out.key("rows").array([&] {
      for (const auto& [key, row] : found.rows) {
        out.object([&, &k = key, &r = row] {
          out.member("tier", k.first).member("metric", to_text(k.second));
          write(out, "before", r.before);
          write(out, "after", r.after);
          out.member("gained", r.gained).member("lost", r.lost);
        });
      }
    });
    write_tickets(out, "gained", found.gained);
    write_tickets(out, "lost", found.lost);
  });
  return http::json(out.take());
}

}  // namespace

void add_routes(Registry& registry, Rulebook& rulebook) {
  using http::Access;
  const auto add = [&](const char* method, const char* path, Access access, auto handler) {
    registry.routes.add({method, path, access, [&registry, &rulebook, handler](const Inbound& in) {
                           return handler(registry, rulebook, in);
                         }});
  };
  add("GET", "/api/v1/sla/due", Access::operate, due);
  add("GET", "/api/v1/tickets/{id}/sla", Access::operate, explained);
  add("POST", "/control/sla/diff", Access::operate,
      [](Registry& r, Rulebook& b, const Inbound& in) { return differences(r, b, in, rules_in); });
  add("POST", "/control/sla/diff/{calendar}", Access::operate,
      [](Registry& r, Rulebook& b, const Inbound& in) { return differences(r, b, in, with_calendar); });
  add("POST", "/control/sla/simulate", Access::operate, simulated);
}

}  // namespace supportd::sla
