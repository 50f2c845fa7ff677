// Jobs, their runs, and why a slot was or was not run.
#include <algorithm>

#include "daemon/config/suggest.hpp"
#include "daemon/control/control.hpp"
#include "daemon/control/views.hpp"
#include "daemon/http/query.hpp"

namespace supportd::control {
namespace {

using namespace std::chrono_literals;
using http::Inbound, http::Query;

// Whoever wants to wait longer asks again.
constexpr Millis longest_wait = 30s;

// Of requests that wait for a run.
class Waits {
 public:
  explicit Waits(const Parts& parts) : parts_(parts) {}

  // The run when it has ended, or as it is when `length` is over or too many wait already.
  run::RunRow until_end(std::int64_t run, Millis length) {
    const Instant until = parts_.clock.now() + (++waiting_ > parts_.most_waits ? 0ms : std::min(length, longest_wait));
    const Leave leave{waiting_};
    return parts_.scheduler.wait(run, until);
  }

 private:
  struct Leave {
    std::atomic<int>& waiting;
    ~Leave() { --waiting; }
  };
  const Parts& parts_;
  std::atomic<int> waiting_ = 0;
};

std::vector<std::string> job_names(const Parts& parts) {
  std::vector<std::string> out;
  for (const auto& job : parts.scheduler.jobs()) out.push_back(job.name);
  return out;
}

http::Response runs(const Parts& parts, const Inbound& in) {
  const Query query(in, {"job", "limit"});
  const auto most = static_cast<int>(query.number("limit", 20, 1, 1000));
  const std::string job = query.text("job");
  const auto names = job_names(parts);
  const auto found = parts.ledger.read([&](store::Tx& tx) {
    const bool known = job.empty() || std::ranges::find(names, job) != names.end() || run::decisions::find(tx, job);
    if (!known) throw Error(ErrorKind::gone, "no job '" + job + "': " + config::known_names(job, names));
    return run::runs::latest(tx, job, most);
  });
  return http::json(list_json("runs", found));
}

http::Response run_json(const run::RunRow& row, int status = 200) {
  json::Writer writer;
  write(writer, row);
  return http::json(writer.take(), status);
}

run::RunRow find_run(const Parts& parts, std::int64_t id) {
  const auto row = parts.ledger.read([&](store::Tx& tx) { return run::runs::find(tx, id); });
  if (!row) throw Error(ErrorKind::gone, "no run " + std::to_string(id));
  return *row;
}

http::Response why(const Parts& parts, const Inbound& in) {
  const Query query(in, {"job", "at"});
  const std::string job = query.required("job");
  const Instant now = parts.clock.now();
  Instant at = query.instant("at").value_or(now);
  Millis delay{0};
  std::vector<std::string> names;
  for (const auto& known : parts.scheduler.jobs()) {
    names.push_back(known.name);
    if (known.name == job) delay = known.delay;
  }
  const auto answer = parts.ledger.read([&](store::Tx& tx) -> std::optional<run::WhyAnswer> {
    if (!run::decisions::find(tx, job)) return {};
    if (!query.instant("at")) at = run::last_slot(tx, job, now).value_or(now);
    return run::why(tx, job, at, delay);
  });
  if (!answer) throw Error(ErrorKind::gone, "no job '" + job + "': " + config::known_names(job, names));
  return http::json(to_json(job, at, *answer));
}

http::Response run(const Parts& parts, Waits& waits, const Inbound& in) {
  const Query query(in, {"wait"});
  const std::int64_t id = http::id_of(in);
  const auto wait = query.length("wait");
  return run_json(wait ? waits.until_end(id, *wait) : find_run(parts, id));
}

http::Response start(const Parts& parts, Waits& waits, const Inbound& in) {
  const Query query(in, {"dry_run", "wait", "reason", "arg."});
  const auto wait = query.length("wait");
  const run::decisions::Asked asked{.trigger = in.peer.local ? run::Trigger::cli : run::Trigger::http,
                                    .actor = http::actor_of(in),
                                    .reason = query.text("reason"),
                                    .arguments = query.below("arg."),
                                    .dry_run = query.flag("dry_run")};
  const std::string& job = in.params.at("job");
  const auto id = parts.scheduler.trigger(job, asked, audit(parts, in, "job.run", "job " + job, asked.reason));
  if (!wait) return run_json(find_run(parts, id), 202);
  const auto row = waits.until_end(id, *wait);
  return run_json(row, row.state == run::RunState::done ? 200 : 202);
}

http::Response pause(const Parts& parts, const Inbound& in) {
  const Query query(in, {"until", "for", "reason"});
  Instant until = query.instant("until").value_or(time::never);
  if (const auto length = query.length("for")) {
    if (query.instant("until")) throw Error(ErrorKind::config, "either 'until' or 'for', not both");
    until = parts.clock.now() + *length;
  }
  if (until <= parts.clock.now()) {
    throw Error(ErrorKind::config, "a pause until " + time::to_text(until) + " would be over already");
  }
  const std::string& job = in.params.at("job");
  const std::string reason = query.text("reason");
  parts.scheduler.pause(job, until, reason, http::actor_of(in), audit(parts, in, "job.pause", "job " + job, reason));
  json::Writer writer;
  writer.object([&] {
    writer.member("job", job);
    write_instant(writer, "paused_until", until);
  });
  return http::json(writer.take());
}

http::Response resume(const Parts& parts, const Inbound& in) {
  const Query query(in, {"reason"});
  const std::string& job = in.params.at("job");
  const auto jobs = parts.scheduler.jobs();
  const auto before = std::ranges::find(jobs, job, &run::JobStatus::name);
  const bool was_paused = before != jobs.end() && before->paused_until;
  parts.scheduler.resume(job, audit(parts, in, "job.resume", "job " + job, query.text("reason")));
  json::Writer writer;
  writer.object([&] { writer.member("job", job).member("was_paused", was_paused); });
  return http::json(writer.take());
}

http::Response cancel(const Parts& parts, const Inbound& in) {
  const Query query(in, {"reason"});
  const std::int64_t id = http::id_of(in);
  parts.scheduler.cancel(id, query.text("reason", "cancelled by " + http::actor_of(in)),
                         audit(parts, in, "run.cancel", "run " + std::to_string(id), query.text("reason")));
  return run_json(find_run(parts, id));
}

}  // namespace

void add_job_routes(http::Router& router, const Parts& parts) {
  using http::Access;
  const auto waits = std::make_shared<Waits>(parts);
  router.add({"GET", "/api/v1/jobs", Access::open, [&parts](const Inbound& in) {
                const Query none(in, {});
                return http::json(list_json("jobs", parts.scheduler.jobs()));
              }});
  router.add({"GET", "/api/v1/runs", Access::open, [&parts](const Inbound& in) { return runs(parts, in); }});
  router.add({"GET", "/api/v1/runs/{id}", Access::open,
              [&parts, waits](const Inbound& in) { return run(parts, *waits, in); }});
  router.add({"GET", "/api/v1/why", Access::open, [&parts](const Inbound& in) { return why(parts, in); }});
  const auto post = [&](std::string path, http::Response (*handler)(const Parts&, const Inbound&)) {
    router.add({"POST", std::move(path), Access::operate,
                [&parts, handler](const Inbound& in) { return handler(parts, in); }});
  };
  router.add({"POST", "/control/jobs/{job}/run", Access::operate,
              [&parts, waits](const Inbound& in) { return start(parts, *waits, in); }});
  post("/control/jobs/{job}/pause", pause);
  post("/control/jobs/{job}/resume", resume);
  post("/control/runs/{id}/cancel", cancel);
}

}  // namespace supportd::control
