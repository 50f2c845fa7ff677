#include "jobs/aws_cases/slice.hpp"

#include <algorithm>
#include <charconv>

#include "connectors/aws_support/section.hpp"
#include "jobs/aws_cases/channel.hpp"
#include "jobs/aws_cases/events.hpp"
#include "jobs/aws_cases/operate.hpp"
#include "jobs/aws_cases/probe.hpp"
#include "jobs/aws_cases/sweep.hpp"

namespace supportd::aws_cases {
namespace {

using namespace std::chrono_literals;

constexpr const char* full_sweep = "aws_cases";
constexpr const char* listen = "aws_events";
// A run of it; the next begins five seconds later.
constexpr Millis listening = 55s;

CaseRow row_of(const std::string& key) {
  CaseRow out;
  std::from_chars(key.data(), key.data() + key.size(), out.value);
  return out;
}

run::Report report_of(const Swept& swept, const run::JobContext& job) {
  for (const auto& line : swept.plan) job.log.info("would be written", {{"change", line}});
  run::Report out;
  out.counts = {{"cases", swept.cases},     {"calls", swept.calls},
                {"changed", swept.changed}, {"messages", swept.messages},
                {"files", swept.files},     {"expired", swept.expired},
                {"aside", swept.aside},     {"failed_accounts", swept.failed_accounts}};
  out.summary = std::to_string(swept.cases) + " cases read, " + std::to_string(swept.changed) + " changed, " +
                std::to_string(swept.messages) + " messages and " + std::to_string(swept.files) + " files mirrored";
  if (swept.failed_accounts > 0)
    out.summary += ", " + std::to_string(swept.failed_accounts) + " accounts could not be swept";
  return out;
}

// What was done stays told, though the run fails of the accounts that could not be swept.
run::Report or_failure(run::Report report, const run::Troubles& troubles, const run::JobContext& job) {
  if (troubles.any()) job.tell(report);
  troubles.raise();
  return report;
}

bool any_can_be_asked(http::Budgets& budgets, const std::vector<std::string>& accounts) {
  return std::ranges::any_of(accounts, [&](const std::string& id) {
    const auto budget = connectors::aws_support::budget_name(id);
    return budgets.affords(budget, http::Priority::normal, Sweep::longest_wait);
  });
}

}  // namespace

run::JobKinds job_kinds(bool events) {
  const auto kind = [](std::string name, std::string help, std::string schedule) {
    run::JobKind out;
    out.name = std::move(name);
    out.help = std::move(help);
    out.schedule = std::move(schedule);
    out.timeout = 2h;  // 10,000 cases at 10 calls a minute, files besides
    return out;
  };
  run::JobKinds out{kind(full_sweep, "Compares every linked AWS Support case with the ledger.", "every 15m"),
                    kind("aws_cases_recent", "Reads the AWS Support cases that were written to lately.", "every 2m")};
  if (events) {
    out.push_back(
        kind(listen, "Listens on the queue for AWS Support cases that changed, and looks at them.", "every 1m"));
  }
  return out;
}

Slice::Slice(Registry& registry, tickets::Kernel& kernel, const connectors::aws_support::Accounts& accounts)
    : context_{registry, kernel, accounts}, opening_(context_), metrics_(context_) {
  kernel.react(slice_name, Reaction(context_));
  registry.outbox.add(std::make_unique<SupportChannel>(context_, metrics_));
  registry.deadlines.on(decide_deadline, [this](store::Tx& tx, const std::string& key, Instant, Instant now) {
    opening_.decide(tx, row_of(key), now);
  });
  registry.deadlines.on(approval_deadline, [this](store::Tx& tx, const std::string& key, Instant, Instant now) {
    opening_.lapse(tx, row_of(key), now);
  });
  registry.deadlines.on_reload([this](store::Tx& tx, const config::Config& fresh, Instant now) {
    return opening_.moves(tx, fresh.get<Section>(slice_name), now);
  });
  registry.facts.push_back({"oldest AWS sweep", [accounts = &context_.accounts](store::Tx& tx, Instant now) {
                              return oldest_sweep(tx, accounts->ids(), now);
                            }});
  add_jobs();
  install_probe(context_);
  add_routes(context_, metrics_);
}

void Slice::add_jobs() {
  run::JobKinds kinds = job_kinds();
  for (run::JobKind& kind : kinds) {
    if (kind.name == listen) {
      kind.run = [this](run::JobContext& job) { return hear(job); };
      context_.registry.jobs.push_back(std::move(kind));
      continue;
    }
    const auto work = kind.name == full_sweep ? &Sweep::full : &Sweep::recent;
    kind.affordable = [this] { return any_can_be_asked(context_.registry.budgets, context_.accounts.ids()); };
    kind.run = [this, work](run::JobContext& job) {
      Sweep::Terms terms{job.stop, job.dry_run, [&job](store::Tx& tx) { job.fence.check(tx); }};
      const Swept swept = (Sweep(context_, metrics_, std::move(terms)).*work)();
      return or_failure(report_of(swept, job), swept.troubles, job);
    };
    context_.registry.jobs.push_back(std::move(kind));
  }
}

run::Report Slice::hear(run::JobContext& job) {
  if (job.dry_run) return {"a dry run leaves the queue alone", {}};
  const Heard heard = Events(context_, metrics_, job).listen(std::max(job.slot, job.now() - listening) + listening);
  run::Report out = report_of(heard.looked, job);
  out.counts["events"] = heard.messages;
  out.counts["events_aside"] = heard.poison;
  out.summary = std::to_string(heard.messages) + " events, " + std::to_string(heard.marked) + " of linked cases, " +
                std::to_string(heard.poison) + " not understood; " + out.summary;
  return or_failure(std::move(out), heard.looked.troubles, job);
}

}  // namespace supportd::aws_cases
