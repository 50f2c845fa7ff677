#include "tests/bench/desk_ledger.hpp"

#include "daemon/store/cursor.hpp"

namespace supportd::bench {
namespace {

using namespace std::chrono_literals;
using connectors::Call;
using connectors::DeskComment;
using connectors::DeskPage;
using connectors::DeskPerson;
using connectors::DeskTicket;

constexpr Instant now{1'800'000'000'000ms};

[[noreturn]] void never_asked() { throw std::logic_error("the bench makes nobody ask this"); }

}  // namespace

void RecordedDesk::show(std::vector<desk_sync::Reading> page) {
  page_.clear();
  for (auto& reading : page) page_.emplace(reading.row.id, std::move(reading));
}

DeskPage RecordedDesk::changes(const std::string&, Instant, const Call&) {
  DeskPage out;
  for (const auto& [id, reading] : page_) out.tickets.push_back(reading.row);
  out.cursor = std::to_string(++shown_);
  return out;
}

DeskTicket RecordedDesk::ticket(const std::string& id, const Call&) { return page_.at(id).row; }
connectors::DeskHistory RecordedDesk::history(const std::string& ticket_id, const Call&) {
  connectors::DeskHistory out;
  out.comments = page_.at(ticket_id).comments;
  return out;
}
DeskPerson RecordedDesk::person(const std::string& id, bool agent, const Call&) {
  return {id, id + "@example.com", "김민준", "", agent};
}
connectors::DeskOrganisation RecordedDesk::organisation(const std::string& id, const Call&) {
  return {id, "Company " + id, {}, ""};
}
std::string RecordedDesk::own_id(const Call&) { return "1"; }
connectors::DeskForm RecordedDesk::form(const Call&) { never_asked(); }
std::vector<connectors::DeskChoice> RecordedDesk::groups(const Call&) { never_asked(); }
std::vector<DeskTicket> RecordedDesk::by_external_id(const std::string&, const Call&) { never_asked(); }
std::string RecordedDesk::download(const connectors::DeskFile&, std::size_t, const Call&) { never_asked(); }
DeskTicket RecordedDesk::create(const connectors::NewTicket&, std::stop_token) { never_asked(); }
DeskTicket RecordedDesk::update(const std::string&, const connectors::DeskUpdate&, std::stop_token) { never_asked(); }
DeskComment RecordedDesk::comment(const std::string&, const connectors::NewComment&, std::stop_token) { never_asked(); }
void RecordedDesk::merge(const std::string&, const std::string&, std::stop_token) { never_asked(); }
void RecordedDesk::remove(const std::string&, std::stop_token) { never_asked(); }
void RecordedDesk::restore(const std::string&, std::stop_token) { never_asked(); }

DeskLedger::DeskLedger(const std::filesystem::path& file)
    : clock_(now),
      net_(clock_, faults_),
      room_(file, clock_, net_, "[desk_sync]\nbaseline = \"2020-01-01T00:00:00Z\"\n", {{system, desk_}}) {}

void DeskLedger::ingest(const std::vector<desk_sync::Reading>& page, std::size_t tickets_a_commit) {
  const auto config = room_.config();
  const auto& mapping = desk_sync::mapping_of(config->get<desk_sync::Section>("desk_sync"), system);
  for (std::size_t from = 0; from < page.size(); from += tickets_a_commit) {
    const std::size_t to = std::min(page.size(), from + tickets_a_commit);
    ledger().write(
        [&](store::Tx& tx) {
          for (std::size_t i = from; i < to; ++i) desk_sync::ingest(tx, room_.kernel(), system, mapping, page[i], now);
          if (to == page.size()) store::move_cursor(tx, "desk_sync:freshdesk:main", page.back().row.id, now);
        },
        store::WritePriority::bulk);
  }
}

run::Report DeskLedger::pull(std::vector<desk_sync::Reading> page) {
  desk_->show(std::move(page));
  clock_.at += 10s;
  return room_.run("desk_sync");
}

}  // namespace supportd::bench
