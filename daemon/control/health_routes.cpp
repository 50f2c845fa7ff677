// Is it alive, is it ready, what is it doing; and the reload.
#include <algorithm>

#include "daemon/config/print.hpp"
#include "daemon/control/control.hpp"
#include "daemon/control/views.hpp"
#include "daemon/http/query.hpp"
#include "daemon/store/audit.hpp"
#include "daemon/store/facts.hpp"
#include "daemon/version.hpp"

namespace supportd::control {
namespace {

std::string_view to_text(Phase phase) {
  switch (phase) {
    case Phase::starting: return "starting";
    case Phase::ready: return "ready";
    case Phase::draining: return "draining";
  }
  return "draining";
}

http::Response plain(int status, std::string text) {
  return {status, {{"Content-Type", "text/plain; charset=utf-8"}}, std::move(text) + "\n"};
}

http::Response ready(const Parts& parts) {
  const Phase phase = parts.phase;
  if (const std::string why = parts.trouble(); !why.empty()) return plain(503, why);
  return plain(phase == Phase::ready ? 200 : 503, std::string(to_text(phase)));
}

void write_jobs(json::Writer& w, const std::vector<run::JobStatus>& jobs) {
  const run::JobStatus* next = nullptr;
  for (const auto& job : jobs) {
    if (job.next_run && (next == nullptr || *job.next_run < *next->next_run)) next = &job;
  }
  w.key("jobs").object([&] {
    w.member("count", jobs.size());
    w.member("paused", std::ranges::count_if(jobs, [](const auto& job) { return job.paused_until.has_value(); }));
    w.key("next");
    if (next == nullptr) {
      w.null();
    } else {
      w.object([&] {
        w.member("job", next->name);
        write_instant(w, "at", next->next_run);
      });
    }
  });
}

void write_ledger(json::Writer& w, const Parts& parts) {
  const auto figures = parts.ledger.figures();
  const auto size = store::facts(parts.ledger).size_bytes;
  w.key("ledger").object([&] {
    w.member("engine", parts.ledger.engine() == store::Engine::sqlite ? "sqlite" : "postgresql");
    w.member("size_bytes", size).member("wal_bytes", figures.wal_bytes);
    w.member("waiting", figures.waiting).member("commits", figures.commits);
  });
}

void write_outbox(json::Writer& w, const Parts& parts) {
  std::map<std::string, std::map<outbox::State, std::int64_t>> counts;
  std::map<std::string, Instant> oldest;
  std::vector<outbox::Hold> holds;
  parts.ledger.read([&](store::Tx& tx) {
    counts = parts.outbox.counts(tx);
    oldest = parts.outbox.oldest_open(tx);
    holds = parts.outbox.holds(tx);
  });
  for (const auto& name : parts.outbox.channels()) counts.try_emplace(name);
  w.key("outbox").array([&] {
    for (const auto& [channel, states] : counts) {
      w.object([&] {
        w.member("channel", channel);
        w.key("states").object([&] {
          for (const auto state : outbox::all_states) {
            const auto found = states.find(state);
            w.member(to_text(state), found == states.end() ? std::int64_t{0} : found->second);
          }
        });
        const auto waiting = oldest.find(channel);
        write_instant(w, "oldest_open", waiting == oldest.end() ? std::nullopt : std::optional(waiting->second));
      });
    }
  });
  w.key("holds").array([&] {
    for (const auto& hold : holds) write(w, hold);
  });
}

http::Response status(const Parts& parts) {
  const auto jobs = parts.scheduler.jobs();
  json::Writer w;
  w.object([&] {
    w.member("state", to_text(parts.phase.load())).member("version", version).member("revision", revision);
    write_instant(w, "started", parts.started);
    write_instant(w, "now", parts.clock.now());
    w.member("trouble", parts.trouble()).member("reload_refused", parts.refusal());
    w.member("mode", parts.outbox.mode() == outbox::Mode::live ? "live" : "shadow");
    write_jobs(w, jobs);
    write_ledger(w, parts);
    write_outbox(w, parts);
    w.key("facts").object([&] {
      for (const auto& [name, text] : parts.facts()) w.member(name, text);
    });
    w.key("budgets").array([&] {
      for (const auto& budget : parts.budgets.snapshot()) write(w, budget);
    });
  });
  return http::json(w.take());
}

http::Response version_json() {
  json::Writer w;
  w.object([&] { w.member("version", version).member("revision", revision).member("compiler", compiler); });
  return http::json(w.take());
}

http::Response effective_config(const Parts& parts, const http::Inbound& in) {
  if (http::Query(in, {"json"}).flag("json")) return http::json(config::print_json(parts.in_force()));
  return {200, {{"Content-Type", "application/toml"}}, config::print(parts.in_force())};
}

}  // namespace

run::Scheduler::Along audit(const Parts& parts, const http::Inbound& request, std::string action, std::string object,
                            std::string reason) {
  store::AuditEntry entry{http::actor_of(request), std::move(action), std::move(object), std::move(reason), ""};
  return [&clock = parts.clock, entry = std::move(entry)](store::Tx& tx) { store::audit(tx, clock.now(), entry); };
}

void add_health_routes(http::Router& router, const Parts& parts) {
  using http::Access, http::Inbound;
  router.add({"GET", "/-/healthy", Access::open, [](const Inbound&) { return plain(200, "healthy"); }, true});
  router.add({"GET", "/-/ready", Access::open, [&parts](const Inbound&) { return ready(parts); }, true});
  router.add({"GET", "/metrics", Access::open, [&parts](const Inbound&) {
                return http::Response{200, {{"Content-Type", observe::Metrics::content_type}}, parts.metrics.text()};
              }});
  router.add({"GET", "/api/v1/version", Access::open, [](const Inbound&) { return version_json(); }});
  router.add({"GET", "/api/v1/status", Access::open, [&parts](const Inbound&) { return status(parts); }});
  router.add({"POST", "/-/reload", Access::operate, [&parts](const Inbound& in) {
                const http::Query query(in, {"dry_run"});
                return parts.reload(http::actor_of(in), query.flag("dry_run"));
              }});
  router.add(
      {"GET", "/control/config", Access::operate, [&parts](const Inbound& in) { return effective_config(parts, in); }});
  router.add({"POST", "/control/clock/accept", Access::operate, [&parts](const Inbound& in) {
                const http::Query query(in, {"reason"});
                if (!parts.scheduler.clock_is_lost()) {
                  throw Error(ErrorKind::refused, "the clock has not jumped: there is nothing to accept");
                }
                parts.scheduler.accept_clock(audit(parts, in, "clock.accept", "clock", query.text("reason")));
                return http::json(R"({"accepted":true})");
              }});
}

void add_routes(http::Router& router, const Parts& parts) {
  add_health_routes(router, parts);
  add_job_routes(router, parts);
  add_outbox_routes(router, parts);
  add_ledger_routes(router, parts);
}

}  // namespace supportd::control
