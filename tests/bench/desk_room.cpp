#include "tests/bench/desk_room.hpp"

#include <algorithm>

#include "daemon/outbox/dispatch.hpp"
#include "daemon/run/scheduler.hpp"
#include "jobs/desk_sync/ingest.hpp"

namespace supportd::bench {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<const config::Config> load(const std::string& settings) {
  config::Schema schema;
  schema.add<desk_sync::Section>("desk_sync");
  return schema.load(config::read_texts({{"bench.toml", settings}})).config;
}

std::vector<store::Migration> all_tables() {
  auto steps = store::records_schema();
  for (const auto& more : {outbox::schema(), run::Deadlines::migrations(), run::Scheduler::migrations(),
                           tickets::schema(), desk_sync::schema()}) {
    steps.insert(steps.end(), more.begin(), more.end());
  }
  return steps;
}

}  // namespace

DeskRoom::DeskRoom(const std::filesystem::path& file, fakes::SetClock& clock, http::Client& http,
                   const std::string& settings, connectors::Desks::All desks, bool durable)
    : clock_(clock),
      config_(load(settings)),
      ledger_({.engine = store::Engine::sqlite, .where = file.string(), .durable = durable}, clock_, all_tables()),
      outbox_(clock_, ledger_.began() - 24h, outbox::Mode::live),  // the ledger was not restored
      budgets_(clock_),
      log_(clock_, [](const observe::Record&) {}),
      deadlines_(ledger_, log_, metrics_),
      registry_{clock_, config_, ledger_, outbox_, http, budgets_, log_, metrics_, deadlines_, jobs_, routes_},
      desks_(std::move(desks)),
      slice_(registry_, kernel_, desks_) {}

run::Report DeskRoom::run(const std::string& job) {
  const auto kind = std::ranges::find(jobs_, job, &run::JobKind::name);
  if (kind == jobs_.end()) throw std::runtime_error("there is no job " + job);
  const run::Arguments none;
  run::JobContext context{clock_.at, clock_, {}, ledger_, log_, none, false, run::Fence(), config_.get()};
  return kind->run(context);
}

int DeskRoom::send_all() {
  for (int sent = 0;; ++sent) {
    auto lease = ledger_.write(
        [&](store::Tx& tx) { return outbox::lease_next(tx, outbox_, "bench/" + std::to_string(sent), clock_.at); },
        store::WritePriority::urgent);
    if (!lease) return sent;
    const auto outcome = outbox::act(*lease, clock_, {});
    ledger_.write([&](store::Tx& tx) { outbox::end(tx, outbox_, *lease, outcome, clock_.at); },
                  store::WritePriority::urgent);
  }
}

}  // namespace supportd::bench
