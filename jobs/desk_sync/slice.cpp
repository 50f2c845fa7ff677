#include "jobs/desk_sync/slice.hpp"

#include "daemon/run/each.hpp"
#include "daemon/store/finding.hpp"
#include "jobs/desk_sync/channel.hpp"
#include "jobs/desk_sync/ingest.hpp"
#include "jobs/desk_sync/looks.hpp"
#include "jobs/desk_sync/owing.hpp"
#include "jobs/desk_sync/pull.hpp"
#include "jobs/tickets/aside.hpp"
#include "jobs/tickets/links.hpp"

namespace supportd::desk_sync {
namespace {

constexpr const char* look_job = "desk_look";

void count(observe::Metrics& metrics, const std::string& system, const Pulled& pulled) {
  const auto add = [&](const char* result, int times) {
    metrics
        .counter("supportd_sync_items_total",
                 "Tickets and comments handled by the synchroniser, by remote system, direction and result.",
                 {{"system", system}, {"direction", "pull"}, {"result", result}})
        .Increment(times);
  };
  add("created", pulled.created);
  add("updated", pulled.changes + pulled.messages);
  add("unchanged", pulled.unchanged);
  add("conflict", pulled.conflicts);
  add("failed", pulled.aside);
}

}  // namespace

run::JobKinds job_kinds() {
  run::JobKind poll;
  poll.name = "desk_sync";
  poll.help = "Pulls changed tickets and comments of every help desk into the ledger.";
  poll.schedule = "* * * * *";
  run::JobKind look;
  look.name = look_job;
  look.help = "Reads the tickets that webhooks spoke of; runs when one comes. What it leaves over desk_sync reads.";
  look.overlap = run::Overlap::queue;
  return {poll, look};
}

Slice::Slice(Registry& registry, tickets::Kernel& kernel, const connectors::Desks& desks)
    : registry_(registry), kernel_(kernel), desks_(desks), operating_(registry, kernel, desks) {
  connect(*registry_.config.get());
  // Tickets of a desk that was taken away are owed their changes all the same: they wait for its return.
  for (const auto& system : registry_.ledger.read(tickets::linked_systems)) add_channel(system);
  for (const auto& system : desks.systems()) learn(system);
  kernel.react("desk_sync", [this](store::Tx& tx, const tickets::Happening& happening, Instant) {
    const auto config = registry_.config.get();
    owe_desks(tx, registry_.outbox, systems(), config->get<Section>("desk_sync"), happening);
  });
  for (run::JobKind& kind : job_kinds()) {
    const auto read = kind.name == look_job ? &Puller::look : &Puller::pull;
    kind.run = [this, read](run::JobContext& context) { return run(context, read); };
    registry_.jobs.push_back(std::move(kind));
  }
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
    registry_.metrics
        .counter("supportd_sync_webhooks_total", "Webhook deliveries, by desk and what came of them.",
                 {{"system", system}, {"result", result}})
        .Increment();
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
  const Noted noted = registry_.ledger.write([&](store::Tx& tx) { return note_look(tx, system, heard, now); });
  if (noted == Noted::duplicate) return end("duplicate", http::json("{}"));
  if (noted == Noted::fresh && registry_.ask) registry_.ask(look_job, "webhook of " + system);
  return end("accepted", http::json("{}"));
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
  count(registry_.metrics, system, {});
}

std::vector<std::string> Slice::systems() const {
  std::vector<std::string> out;
  const std::lock_guard lock(mutex_);
  for (const auto& [system, learned] : learned_) out.push_back(system);
  return out;
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

run::Report Slice::run(run::JobContext& context, Pulled (Puller::*read)(run::JobContext&)) {
  if (!context.dry_run) context.write([&](store::Tx& tx) { forget_deliveries(tx, context.now()); });
  const Section& section = context.config->get<Section>("desk_sync");
  Pulled all;
  std::optional<Error> trouble;
  run::each(
      desks_.all(),
      [&](const auto& one) {
        const auto& [system, desk] = one;
        const Spoke spoke{system, *desk};
        Puller puller(registry_, kernel_, spoke, learn(system), section);
        const Pulled pulled = (puller.*read)(context);
        if (!context.dry_run) count(registry_.metrics, system, pulled);
        all += pulled;
      },
      [&](const auto& one, const std::exception& error) {
        registry_.log.warning("desk could not be read", {{"system", one.first}, {"error", error.what()}});
        const auto* known = dynamic_cast<const Error*>(&error);
        trouble = known != nullptr ? *known : Error(ErrorKind::corrupt, error.what());
      });
  // The other desks have had their turn; the run still failed.
  if (trouble) throw *trouble;
  run::Report report;
  report.summary = std::to_string(all.rows) + " rows read, " + std::to_string(all.created) + " tickets new, " +
                   std::to_string(all.messages) + " messages, " + std::to_string(all.changes) + " changes";
  report.counts = {{"rows", all.rows},         {"unchanged", all.unchanged}, {"created", all.created},
                   {"messages", all.messages}, {"changes", all.changes},     {"conflicts", all.conflicts},
                   {"echoes", all.echoes},     {"aside", all.aside},         {"files", all.files}};
  return report;
}

}  // namespace supportd::desk_sync
