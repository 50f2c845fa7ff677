#include <algorithm>

#include "daemon/config/suggest.hpp"
#include "daemon/http/query.hpp"
#include "daemon/json.hpp"
#include "jobs/aws_cases/operate.hpp"
#include "jobs/aws_cases/sweep.hpp"

namespace supportd::aws_cases {
namespace {

using http::Inbound;
using http::Response;
using store::Tx;

std::optional<State> parse_state(const std::string& text) {
  for (const State state : all_states) {
    if (to_text(state) == text) return state;
  }
  std::vector<std::string> known;
  for (const State state : all_states) known.emplace_back(to_text(state));
  throw Error(ErrorKind::config, "there is no state '" + text + "': " + config::known_names(text, known));
}

CaseFilter filter_of(const Context& context, const Inbound& request) {
  const http::Query query(request, {"state", "account", "before"});
  CaseFilter filter;
  if (const std::string state = query.text("state"); !state.empty()) filter.state = parse_state(state);
  filter.account = query.text("account");
  const auto known = context.accounts.ids();
  if (!filter.account.empty() && std::ranges::find(known, filter.account) == known.end()) {
    throw Error(ErrorKind::config,
                "there is no AWS account '" + filter.account + "': " + config::known_names(filter.account, known));
  }
  filter.before = query.number("before", 0, 0, std::numeric_limits<std::int64_t>::max());
  return filter;
}

// What went wrong, as RFC 9457 says it.
template <class Work>
Response answer(Work work) {
  try {
    return http::json(work());
  } catch (const Error& error) {
    switch (error.kind()) {
      case ErrorKind::gone: return http::problem(404, "Not found", error.what());
      case ErrorKind::refused: return http::problem(409, "Refused", error.what());
      case ErrorKind::corrupt: return http::problem(400, "Bad request", error.what());
      default: throw;
    }
  }
}

Response plan(const Context& context, Metrics& metrics) {
  Sweep::Terms terms;
  terms.dry_run = true;
  const Swept found = Sweep(context, metrics, std::move(terms)).full();
  json::Writer out;
  out.object([&] {
    out.member("cases", std::int64_t{found.cases})
        .member("calls", std::int64_t{found.calls})
        .member("plan", found.plan)
        .member("troubles", found.troubles.list());
  });
  return http::json(out.take());
}

}  // namespace

void add_routes(const Context& context, Metrics& metrics) {
  http::Router& routes = context.registry.routes;
  routes.add({"GET", "/api/v1/cases", http::Access::operate, [context](const Inbound& request) {
                return answer([&] {
                  return context.registry.ledger.read(
                      [&](Tx& tx) { return cases_json(tx, context, filter_of(context, request)); });
                });
              }});
  routes.add({"GET", "/api/v1/cases/{id}", http::Access::operate, [context](const Inbound& request) {
                return answer([&] {
                  return context.registry.ledger.read(
                      [&](Tx& tx) { return case_json(tx, context, pick_case(tx, request.params.at("id")), true); });
                });
              }});
  // The body's members name the case; the actor is whoever is at the other end.
  const auto change = [context](auto work) {
    return [context, work](const Inbound& request) {
      return answer([&] {
        const auto document = json::Document::parse(request.body, "request");
        const auto body = document.root();
        return context.registry.ledger.write([&](Tx& tx) {
          const Case it = work(tx, body, http::actor_of(request), context.registry.clock.now());
          return case_json(tx, context, it, false);
        });
      });
    };
  };
  routes.add({"POST", "/control/cases/link", http::Access::operate,
              change([context](Tx& tx, const json::View& body, const std::string& actor, Instant now) {
                return link_case(tx, context, {body.at("ticket").integer()}, body.at("account").string(),
                                 body.at("case_id").string(), actor, body.string("reason", ""), now);
              })});
  routes.add({"POST", "/control/cases/unlink", http::Access::operate,
              change([context](Tx& tx, const json::View& body, const std::string& actor, Instant now) {
                return unlink_case(tx, context, body.at("case").scalar_text(), actor, body.string("reason", ""), now);
              })});
  routes.add({"POST", "/control/cases/approve", http::Access::operate,
              change([context](Tx& tx, const json::View& body, const std::string& actor, Instant now) {
                return approve_case(tx, context, body.at("case").scalar_text(), actor, body.string("reason", ""), now);
              })});
  routes.add({"GET", "/control/cases/plan", http::Access::operate,
              [context, &metrics](const Inbound&) { return plan(context, metrics); }});
}

}  // namespace supportd::aws_cases
