#include "jobs/desk_sync/slice.hpp"

#include <algorithm>

#include "daemon/run/each.hpp"
#include "daemon/run/troubles.hpp"
#include "daemon/store/finding.hpp"
#include "jobs/desk_sync/backfill.hpp"
#include "jobs/desk_sync/channel.hpp"
#include "jobs/desk_sync/ingest.hpp"
#include "jobs/desk_sync/looks.hpp"
#include "jobs/desk_sync/owing.hpp"
#include "jobs/desk_sync/pull.hpp"
#include "jobs/desk_sync/verify.hpp"
#include "jobs/tickets/aside.hpp"
#include "jobs/tickets/links.hpp"

namespace supportd::desk_sync {
namespace {

using namespace std::chrono_literals;

constexpr const char* poll_job = "desk_sync";
constexpr const char* look_job = "desk_look";
constexpr const char* backfill_job = "desk_backfill";
constexpr const char* verify_job = "desk_verify";

// Tickets that are to be read soon because somebody asked, beyond which the polls must do.
constexpr int most_asked = 100;
// What lists leave out: the export of Zendesk lacks the last minute.
constexpr Millis lists_lack = 1min;

std::string argument(const run::JobContext& context, const char* name) {
  const auto given = context.arguments.find(name);
  return given == context.arguments.end() ? "" : given->second;
}

run::Report report_of(const Pulled& all) {
  run::Report report;
  report.summary = std::to_string(all.rows) + " rows read, " + std::to_string(all.created) + " tickets new, " +
                   std::to_string(all.messages) + " messages, " + std::to_string(all.changes) + " changes";
  report.counts = {{"rows", all.rows},         {"unchanged", all.unchanged}, {"created", all.created},
                   {"messages", all.messages}, {"changes", all.changes},     {"conflicts", all.conflicts},
                   {"echoes", all.echoes},     {"aside", all.aside},         {"files", all.files}};
  return report;
}

bool any_can_be_listed(http::Budgets& budgets, const connectors::Desks::All& desks) {
  return std::ranges::any_of(desks, [&](const auto& desk) {
    const auto allowance = desk.second->list_allowance();
    return budgets.affords(allowance.budget, http::Priority::normal, allowance.patience);
  });
}

std::string only_other(const connectors::Desks::All& desks, const std::string& system) {
  if (desks.size() != 2) return "";
  return desks.begin()->first == system ? desks.rbegin()->first : desks.begin()->first;
}

}  // namespace

run::JobKinds job_kinds() {
  run::JobKind poll;
  poll.name = poll_job;
  poll.help = "Pulls changed tickets and comments of every help desk into the ledger.";
  poll.schedule = "* * * * *";
  run::JobKind look;
  look.name = look_job;
  look.help = "Reads the tickets that webhooks spoke of, seconds after one came. What it leaves over desk_sync reads.";
  look.overlap = run::Overlap::queue;
  run::JobKind backfill;
  backfill.name = backfill_job;
  backfill.help = "Reads the tickets that a desk had before it was connected, behind the live traffic.";
  backfill.arguments = {
      {.name = "desk", .help = "one of them, \"freshdesk:main\"; all unless given"},
      {.name = "since", .help = "tickets changed since then; unless given, on from where it stopped"}};
  backfill.timeout = 30 * 24h;
  run::JobKind verify;
  verify.name = verify_job;
  verify.help = "Reads every desk in full beside the ledger and reports what differs; mends nothing.";
  verify.arguments = {{.name = "desk", .help = "one of them, \"freshdesk:main\"; all unless given"},
                      {.name = "comments", .help = "yes: each ticket's comments too, at a call a ticket"}};
  verify.timeout = 7 * 24h;
  return {poll, look, backfill, verify};
}

Slice::Slice(Registry& registry, tickets::Kernel& kernel, const connectors::Desks& desks)
    : registry_(registry),
      kernel_(kernel),
      desks_(desks),
      operating_(registry, kernel, desks),
      metrics_(registry.metrics, registry.ledger) {
  connect(*registry_.config.get());
  // Tickets of a desk that was taken away are owed their changes all the same: they wait for its return.
  for (const auto& system : registry_.ledger.read(tickets::linked_systems)) add_channel(system);
  for (const auto& system : desks.systems()) learn(system);
  kernel.react("desk_sync", [this](store::Tx& tx, const tickets::Happening& happening, Instant) {
    const auto config = registry_.config.get();
    owe_desks(tx, registry_.outbox, systems(), config->get<Section>("desk_sync"), happening);
  });
  kernel.completeness().when_asked([this](store::Tx& tx, tickets::TicketId ticket, Instant now) {
    for (const tickets::Link& link : tickets::links_of(tx, ticket)) {
      const auto desk = desks_.find(link.system);
      if (!desk || link.state != "live" || count_looks(tx, link.system) >= most_asked) continue;
      connectors::Heard asked;
      asked.ticket = link.remote_id;
      Looks(registry_.deadlines).note(tx, link.system, asked, now, until_whole(*desk, learned(link.system)));
    }
  });
  for (run::JobKind& kind : job_kinds()) {
    if (kind.name == poll_job) {
      kind.run = [this](run::JobContext& context) { return run(context, &Puller::pull); };
      kind.affordable = [this] { return any_can_be_listed(registry_.budgets, desks_.all()); };
    }
    if (kind.name == look_job) kind.run = [this](run::JobContext& context) { return run(context, &Puller::look); };
    if (kind.name == backfill_job) kind.run = [this](run::JobContext& context) { return backfill(context); };
    if (kind.name == verify_job) kind.run = [this](run::JobContext& context) { return verify(context); };
    for (run::Argument& argument : kind.arguments) {
      if (argument.name == "desk") argument.choices = [this] { return desks_.systems(); };
      if (argument.name == "comments") argument.choices = [] { return std::vector<std::string>{"yes", "no"}; };
    }
    registry_.jobs.push_back(std::move(kind));
  }
  registry_.deadlines.on(look_deadline, [this](store::Tx& tx, const std::string& system, Instant, Instant now) {
    Looks(registry_.deadlines).arm(tx, system, now);
    tx.after_commit([this, system] {
      if (registry_.ask) registry_.ask(look_job, "to look at tickets of " + system);
    });
  });
  for (const std::string vendor : {"freshdesk", "zendesk"}) {
    registry_.routes.add({"POST", "/hooks/" + vendor + "/{name}", http::Access::open,
                          [this, vendor](const auto& in) { return hear(vendor + ":" + in.params.at("name"), in); }});
  }
  add_routes(registry_, operating_);
}

http::Response Slice::hear(const std::string& system, const http::Inbound& in) {
  const auto desk = desks_.find(system);
  if (!desk) return http::problem(404, "Not found", "no such desk");
  const Instant now = registry_.clock.now();
  const connectors::Heard heard = desk->hear(in.headers, in.body, now);
  const auto end = [&](const char* result, http::Response answer) {
    metrics_.heard(system, result);
    return answer;
  };
  switch (heard.verdict) {
    case connectors::Heard::Verdict::forged:
      return end("forged", http::problem(401, "Unauthorized", "the signature or the secret is missing or wrong"));
    case connectors::Heard::Verdict::stale:
      return end("stale", http::problem(400, "Bad Request", "the delivery is too old, or ahead of our clock"));
    case connectors::Heard::Verdict::too_large:
      return end("too_large", http::problem(413, "Content Too Large", "no webhook of this desk is that long"));
    case connectors::Heard::Verdict::malformed:
      return end("malformed", http::problem(400, "Bad Request", "the body names no ticket"));
    case connectors::Heard::Verdict::genuine: break;
  }
  if (heard.ticket.empty()) return end("ignored", http::json("{}"));
  const Millis wait = until_whole(*desk, learned(system));
  const bool is_new = registry_.ledger.write(
      [&](store::Tx& tx) { return Looks(registry_.deadlines).note(tx, system, heard, now, wait); });
  return end(is_new ? "accepted" : "duplicate", http::json("{}"));
}

void Slice::connect(const config::Config& config) {
  const Instant now = registry_.clock.now();
  const auto from = config.get<Section>("desk_sync").baseline.value_or(now);
  for (const auto& system : desks_.systems()) {
    add_channel(system);
    registry_.ledger.write([&](store::Tx& tx) { count_from(tx, system, from, now); });
  }
}

void Slice::add_channel(const std::string& system) {
  const std::lock_guard lock(mutex_);
  const auto [at, is_new] = learned_.try_emplace(system);
  if (!is_new) return;
  registry_.outbox.add(std::make_unique<DeskChannel>(system, desks_, at->second, kernel_, registry_));
  metrics_.add(system);
}

std::vector<std::string> Slice::systems() const {
  std::vector<std::string> out;
  const std::lock_guard lock(mutex_);
  for (const auto& [system, learned] : learned_) out.push_back(system);
  return out;
}

const Learned& Slice::learned(const std::string& system) {
  const std::lock_guard lock(mutex_);
  return learned_[system];
}

const Learned& Slice::learn(const std::string& system) {
  const auto found = registry_.ledger.read([&](store::Tx& tx) { return store::findings(tx, system); });
  const std::lock_guard lock(mutex_);
  Learned& learned = learned_[system];
  for (const store::Finding& finding : found) {
    if (finding.question == "note_moves_updated_at") learned.notes_move_updated = finding.answer == "yes";
    if (finding.question == "note_list_lag_ms") {
      // "over 180000" is a lag, too.
      const auto digits = finding.answer.find_first_of("0123456789");
      if (digits != std::string::npos) learned.settle_ms = 2 * std::stoll(finding.answer.substr(digits));
    }
  }
  return learned;
}

template <class Work>
void Slice::each_desk(run::JobContext& context, http::Priority urgency, Work work) {
  const Section& section = context.config->get<Section>("desk_sync");
  const std::string only = argument(context, "desk");
  if (!only.empty() && !desks_.find(only)) throw Error(ErrorKind::config, "there is no desk '" + only + "'");
  const auto desks = desks_.all();
  run::Troubles troubles;
  run::each(
      desks,
      [&](const auto& one) {
        const auto& [system, desk] = one;
        if (!only.empty() && system != only) return;
        const Spoke spoke{system, *desk, only_other(desks, system)};
        Puller puller(registry_, kernel_, spoke, learn(system), section, urgency);
        work(puller, spoke, section);
      },
      [&](const auto& one, const std::exception& error) {
        registry_.log.warning("desk could not be read", {{"system", one.first}, {"error", error.what()}});
        troubles.met(one.first, error);
      });
  troubles.raise();
}

void Slice::warn_of(const Spoke& spoke, const Section& section, const std::set<std::string>& unmapped) {
  const Mapping& mapping = mapping_of(section, spoke.system);
  const std::lock_guard lock(mutex_);
  auto& known = unmapped_[spoke.system];
  for (const std::string& status : unmapped) {
    if (!known.insert(status).second) continue;
    registry_.log.warning("a status of the desk is in no table; supportctl config verify --online names it",
                          {{"system", spoke.system},
                           {"status", status},
                           {"counts_as", std::string(tickets::to_text(status_of(mapping, status)))}});
  }
  metrics_.unmapped(spoke.system, known.size());
}

run::Report Slice::run(run::JobContext& context, Pulled (Puller::*read)(run::JobContext&)) {
  if (!context.dry_run) context.write([&](store::Tx& tx) { forget_deliveries(tx, context.now()); });
  Pulled all;
  each_desk(context, http::Priority::normal, [&](Puller& puller, const Spoke& spoke, const Section& section) {
    const Instant began = context.now();
    const Pulled pulled = (puller.*read)(context);
    all += pulled;
    if (context.dry_run) return;
    metrics_.pulled(spoke.system, pulled);
    warn_of(spoke, section, pulled.unmapped);
    if (read != &Puller::pull) return;
    metrics_.read_to_the_end(spoke.system, context.now());
    const Instant until = began - lists_lack - until_whole(spoke.desk, learned(spoke.system));
    context.write([&](store::Tx& tx) { kernel_.completeness().tell(tx, spoke.system, {}, until); });
  });
  return report_of(all);
}

run::Report Slice::backfill(run::JobContext& context) {
  std::optional<Instant> since;
  if (const std::string text = argument(context, "since"); !text.empty()) {
    const auto parsed = time::parse_instant(text);
    if (!parsed) throw Error(ErrorKind::config, "since: " + parsed.error().what);
    since = *parsed;
  }
  run::Report report;
  each_desk(context, http::Priority::background, [&](Puller& puller, const Spoke& spoke, const Section&) {
    const Backfill it = desk_sync::backfill(puller, spoke, since, context);
    report.summary += (report.summary.empty() ? "" : "; ") + spoke.system + ": " + std::to_string(it.rows) +
                      " tickets since " + time::to_text(it.since) + ", " + std::to_string(it.created) + " new";
    report.counts["rows"] += it.rows;
    report.counts["created"] += it.created;
    report.counts["messages"] += it.messages;
    report.counts["aside"] += it.aside;
  });
  report.counts["percent"] = 100;
  return report;
}

run::Report Slice::verify(run::JobContext& context) {
  Verified all;
  each_desk(context, http::Priority::background, [&](Puller& puller, const Spoke& spoke, const Section& section) {
    const bool comments = argument(context, "comments") == "yes";
    const Verified one = Verifier(registry_, spoke, section, comments).verify(puller, context);
    all.tickets += one.tickets;
    all.comments += one.comments;
    all.drift += one.drift;
  });
  run::Report report;
  report.summary = std::to_string(all.tickets) + " tickets and " + std::to_string(all.comments) +
                   " comments compared, " + std::to_string(all.drift) + " differences";
  report.counts = {{"tickets", all.tickets}, {"comments", all.comments}, {"drift", all.drift}};
  return report;
}

}  // namespace supportd::desk_sync
