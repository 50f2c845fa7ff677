#include "jobs/sla/slice.hpp"

#include <algorithm>
#include <ranges>

#include "jobs/sla/audit.hpp"
#include "jobs/sla/channel.hpp"
#include "jobs/sla/configured.hpp"
#include "jobs/sla/happenings.hpp"
#include "jobs/sla/routes.hpp"
#include "jobs/sla/stored_rules.hpp"
#include "jobs/sla/sweep.hpp"
#include "jobs/tickets/people.hpp"

namespace supportd::sla {
namespace {

using namespace std::chrono_literals;
using store::Tx;

constexpr Millis ask_again = 1min;
// Of the plan of a reload: what is due next. The sweep moves the others.
constexpr Millis planned = 1h;
constexpr int most_planned = 200;

bool concerns_clocks(const std::vector<tickets::Event>& events) {
  return std::ranges::any_of(events, [](const auto& it) { return changes_clocks(it.change.kind); });
}

}  // namespace

run::JobKinds job_kinds(bool has_policies) {
  run::JobKinds out{sweep_kind()};
  if (has_policies) out.push_back(audit_kind());
  return out;
}

Slice::Slice(Registry& registry, tickets::Kernel& kernel)
    : registry_(registry), metrics_(registry.metrics), alarms_(registry, kernel, rulebook_, metrics_) {
  registry_.ledger.read([&](Tx& tx) {
    rulebook_.load(tx);
    metrics_.reevaluating(is_sweeping(tx));
  });
  metrics_.count_open_clocks(registry_.ledger, registry_.clock);
  registry_.outbox.add(std::make_unique<LogChannel>(registry_.log));
  kernel.when_settled("sla", [this](Tx& tx, const tickets::Ticket& ticket, const auto& events, Instant now) {
    if (concerns_clocks(events)) alarms_.look(tx, {ticket.id}, now);
  });
  kernel.when_renamed([this](Tx& tx, tickets::OrganisationId id, Instant now) { follow_name(tx, id, now); });
  kernel.completeness().when_told([this](Tx& tx, const std::string& system, std::optional<tickets::TicketId> ticket,
                                         Instant until) { alarms_.hear(tx, system, ticket, until); });
  add_deadlines();
  add_jobs();
  add_routes(registry_, rulebook_);
}

void Slice::add_deadlines() {
  registry_.deadlines.on(threshold_deadline, [this](Tx& tx, const std::string& key, Instant, Instant now) {
    alarms_.look(tx, {ticket_of(key)}, now);
  });
  registry_.deadlines.on(confirm_deadline, [this](Tx& tx, const std::string& key, Instant, Instant now) {
    alarms_.confirm(tx, ticket_of(key), now);
  });
  registry_.deadlines.on(sweep_deadline, [this](Tx& tx, const std::string& key, Instant, Instant now) {
    if (!is_sweeping(tx)) return;
    registry_.deadlines.arm(tx, sweep_deadline, key, now + ask_again);
    tx.after_commit([this] {
      if (registry_.ask) registry_.ask(sweep_job, "policies, calendars or the name of an organisation changed");
    });
  });
  registry_.deadlines.on_reload(
      [this](Tx& tx, const config::Config& fresh, Instant now) { return moves(tx, fresh, now); });
}

void Slice::add_jobs() {
  for (run::JobKind& kind : job_kinds()) {
    if (kind.name == sweep_job) {
      kind.run = [this](run::JobContext& context) {
        if (context.arguments.contains("again") && !context.dry_run) {
          context.write([&](Tx& tx) { sweep_again(tx, context.now()); });
        }
        metrics_.reevaluating(context.ledger.read(is_sweeping));
        const auto report = sweep(context, alarms_);
        metrics_.reevaluating(context.ledger.read(is_sweeping));
        return report;
      };
    } else {
      kind.run = [this](run::JobContext& context) { return audit(context, rulebook_, metrics_); };
    }
    registry_.jobs.push_back(std::move(kind));
  }
}

void Slice::sweep_again(Tx& tx, Instant now) {
  const auto rules = rulebook_.current(tx);
  if (!rules->empty() && !is_sweeping(tx))
    begin_sweep(tx, registry_.deadlines, rules->back().version, time::never, now);
}

void Slice::follow_name(Tx& tx, tickets::OrganisationId id, Instant now) {
  const auto rules = rulebook_.current(tx);
  if (rules->empty()) return;
  const auto names = tickets::names_of(tx, id);
  const bool matters = std::ranges::any_of(names | std::views::reverse | std::views::take(2),
                                           [&](const auto& it) { return rules->back().speak_of(it.name); });
  if (!matters) return;
  begin_sweep(tx, registry_.deadlines, rules->back().version, time::never, now);
  tx.after_commit([this] { metrics_.reevaluating(true); });
}

void Slice::configure(const config::Config& config) { configured_ = rules_of(config); }

void Slice::declare(Tx& tx, Instant now) {
  const auto known = rulebook_.current(tx);
  if (known->empty() && configured_.policies.empty()) return;
  if (!rulebook_.adopt(tx, configured_, now)) {
    if (!known->empty()) metrics_.rules(known->back());
    return;
  }
  const Rules now_in_force = adopted(*known, configured_, now).back();
  const bool corrects = !known->empty() && now_in_force.from < now;
  begin_sweep(tx, registry_.deadlines, now_in_force.version, corrects ? now_in_force.from : time::never, now);
  tx.after_commit([this] {
    metrics_.rules(rulebook_.versions()->back());
    metrics_.reevaluating(true);
  });
}

std::vector<run::Deadlines::Move> Slice::moves(Tx& tx, const config::Config& fresh, Instant now) {
  std::vector<run::Deadlines::Move> out;
  const auto before = rulebook_.current(tx);
  if (before->empty()) return out;
  const auto after = adopted(*before, rules_of(fresh), now);
  if (after.back().version == before->back().version) return out;
  for (const auto& [key, at] : registry_.deadlines.armed(tx, threshold_deadline, now + planned, most_planned)) {
    const auto ticket = ticket_of(key);
    const auto happenings = happenings_of(tx, ticket);
    const auto was = next_after(clocks_of(happenings, *before, now), now);
    const auto becomes = next_after(clocks_of(happenings, after, now), now);
    if (!was || !becomes) continue;
    out.push_back({threshold_deadline, key, "next threshold of ticket " + key, *was, *becomes});
  }
  return out;
}

}  // namespace supportd::sla
