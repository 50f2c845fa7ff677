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
  std::string known;
  for (const State state : all_states) known += " " + std::string(to_text(state));
  throw Error(ErrorKind::refused, "there is no state '" + text + "'; known:" + known);
}

CaseFilter filter_of(const Inbound& request) {
  CaseFilter filter;
  const auto text = [&](const std::string& name) {
    const auto found = request.query.find(name);
    return found == request.query.end() ? std::string() : found->second;
  };
  if (!text("state").empty()) filter.state = parse_state(text("state"));
  filter.account = text("account");
  if (!text("before").empty()) filter.before = std::atoll(text("before").c_str());
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
        .member("plan", found.plan);
  });
  return http::json(out.take());
}

}  // namespace

void add_routes(const Context& context, Metrics& metrics) {
  http::Router& routes = context.registry.routes;
  routes.add({"GET", "/api/v1/cases", http::Access::open, [context](const Inbound& request) {
                return answer([&] {
                  return context.registry.ledger.read(
                      [&](Tx& tx) { return cases_json(tx, context, filter_of(request)); });
                });
              }});
  routes.add({"GET", "/api/v1/cases/{id}", http::Access::open, [context](const Inbound& request) {
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
          const Case it = work(tx, body, request.peer.name, context.registry.clock.now());
          return case_json(tx, context, it, false);
        });
      });
    };
  };
  routes.add({"POST", "/control/cases/link", http::Access::operate,
              change([context](Tx& tx, const json::View& body, const std::string& actor, Instant now) {
                return link_case(tx, context, {body.at("ticket").integer()}, body.at("account").string(),
                                 body.at("case_id").string(), actor, now);
              })});
  routes.add({"POST", "/control/cases/unlink", http::Access::operate,
              change([context](Tx& tx, const json::View& body, const std::string& actor, Instant now) {
                return unlink_case(tx, context, body.at("case").scalar_text(), actor, body.string("reason", ""), now);
              })});
  routes.add({"POST", "/control/cases/approve", http::Access::operate,
              change([context](Tx& tx, const json::View& body, const std::string& actor, Instant now) {
                return approve_case(tx, context, body.at("case").scalar_text(), actor, now);
              })});
  routes.add({"GET", "/control/cases/plan", http::Access::operate,
              [context, &metrics](const Inbound&) { return plan(context, metrics); }});
}

}  // namespace supportd::aws_cases
