#include "tests/bench/desk_ledger.hpp"

#include "daemon/run/scheduler.hpp"
#include "daemon/store/cursor.hpp"

namespace supportd::bench {
namespace {

using namespace std::chrono_literals;
using connectors::DeskComment;
using connectors::DeskPage;
using connectors::DeskPerson;
using connectors::DeskTicket;

constexpr Instant now{1'800'000'000'000ms};

std::shared_ptr<const config::Config> settings() {
  config::Schema schema;
  schema.add<desk_sync::Section>("desk_sync");
  return schema.load(config::read_texts({{"bench.toml", "[desk_sync]\nbaseline = \"2020-01-01T00:00:00Z\"\n"}})).config;
}

std::vector<store::Migration> all_tables() {
  auto steps = store::records_schema();
  for (const auto& more : {outbox::schema(), run::Deadlines::migrations(), run::Scheduler::migrations(),
                           tickets::schema(), desk_sync::schema()}) {
    steps.insert(steps.end(), more.begin(), more.end());
  }
  return steps;
}

[[noreturn]] void never_asked() { throw std::logic_error("the bench makes nobody ask this"); }

}  // namespace

void RecordedDesk::show(std::vector<desk_sync::Reading> page) {
  page_.clear();
  for (auto& reading : page) page_.emplace(reading.row.id, std::move(reading));
}

DeskPage RecordedDesk::changes(const std::string&, Instant, std::stop_token) {
  DeskPage out;
  for (const auto& [id, reading] : page_) out.tickets.push_back(reading.row);
  out.cursor = std::to_string(++shown_);
  return out;
}

DeskTicket RecordedDesk::ticket(const std::string& id, std::stop_token) { return page_.at(id).row; }
std::vector<DeskComment> RecordedDesk::comments(const std::string& ticket_id, std::vector<connectors::BadRow>&,
                                                std::stop_token) {
  return page_.at(ticket_id).comments;
}
DeskPerson RecordedDesk::person(const std::string& id, bool agent, std::stop_token) {
  return {id, id + "@example.com", "김민준", "", agent};
}
connectors::DeskOrganisation RecordedDesk::organisation(const std::string& id, std::stop_token) {
  return {id, "Company " + id, {}, ""};
}
std::string RecordedDesk::own_id(std::stop_token) { return "1"; }
std::vector<connectors::DeskChoice> RecordedDesk::statuses(std::stop_token) { never_asked(); }
std::vector<connectors::DeskField> RecordedDesk::fields(std::stop_token) { never_asked(); }
std::vector<DeskTicket> RecordedDesk::by_external_id(const std::string&, std::stop_token) { never_asked(); }
std::string RecordedDesk::download(const connectors::DeskFile&, std::size_t, std::stop_token) { never_asked(); }
DeskTicket RecordedDesk::create(const connectors::NewTicket&, std::stop_token) { never_asked(); }
DeskTicket RecordedDesk::update(const std::string&, const connectors::DeskUpdate&, std::stop_token) { never_asked(); }
DeskComment RecordedDesk::comment(const std::string&, const connectors::NewComment&, std::stop_token) { never_asked(); }
void RecordedDesk::merge(const std::string&, const std::string&, std::stop_token) { never_asked(); }
void RecordedDesk::remove(const std::string&, std::stop_token) { never_asked(); }

DeskLedger::DeskLedger(const std::filesystem::path& file)
    : clock_(now),
      config_(settings()),
      ledger_({.engine = store::Engine::sqlite, .where = file.string()}, clock_, all_tables()),
      outbox_(clock_, now, outbox::Mode::live),
      net_(clock_, faults_),
      budgets_(clock_),
      log_(clock_, [](const observe::Record&) {}),
      deadlines_(ledger_, log_, metrics_),
      registry_{clock_, config_, ledger_, outbox_, net_, budgets_, log_, metrics_, deadlines_, jobs_, routes_},
      slice_(registry_, kernel_, desks_) {}

void DeskLedger::ingest(const std::vector<desk_sync::Reading>& page, std::size_t tickets_a_commit) {
  const auto section = config_.get();
  const auto& mapping = desk_sync::mapping_of(section->get<desk_sync::Section>("desk_sync"), system);
  for (std::size_t from = 0; from < page.size(); from += tickets_a_commit) {
    const std::size_t to = std::min(page.size(), from + tickets_a_commit);
    ledger_.write(
        [&](store::Tx& tx) {
          for (std::size_t i = from; i < to; ++i) desk_sync::ingest(tx, kernel_, system, mapping, page[i], now);
          if (to == page.size()) store::move_cursor(tx, "desk_sync:freshdesk:main", page.back().row.id, now);
        },
        store::WritePriority::bulk);
  }
}

run::Report DeskLedger::pull(std::vector<desk_sync::Reading> page) {
  desk_->show(std::move(page));
  clock_.at += 10s;
  const run::Arguments none;
  run::JobContext context{clock_.at, clock_, {}, ledger_, log_, none, false, run::Fence(), config_.get()};
  return jobs_.front().run(context);
}

}  // namespace supportd::bench
