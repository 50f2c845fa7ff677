// Zendesk's incremental export: CPU to parse and map a page, and to bring its tickets into an SQLite ledger by the job
// that the daemon runs, first when all are new, then when an agent has changed each. Zendesk is the fake in this
// process; its CPU is measured apart and taken off. `alone`: the same rows without what the daemon reads besides, in
// one transaction. With --directory the two pages and an empty ledger are left there for incremental_tap.py.
#include <fstream>
#include <iostream>
#include <set>

#include "jobs/desk_sync/ingest.hpp"
#include "tests/bench/desk_room.hpp"
#include "tests/bench/raw_rows.hpp"
#include "tests/bench/report.hpp"
#include "tests/bench/zendesk_account.hpp"
#include "tests/fakes/scratch.hpp"

namespace supportd::bench {
namespace {

using namespace std::chrono_literals;

constexpr const char* settings = "[desk_sync]\nbaseline = \"2020-01-01T00:00:00Z\"\n";
constexpr Instant start{1'800'000'000'000ms};

// All tickets in one page, whatever the client asks for; written once.
class OnePage final : public fakes::Vendor {
 public:
  explicit OnePage(fakes::Zendesk& behind) : behind_(behind) {}
  http::Response answer(const http::Request& request, Instant now) override {
    constexpr std::string_view asked = "per_page=500";
    const auto at = request.url.find(asked);
    if (at == std::string::npos) return behind_.answer(request, now);
    if (!page_) {
      http::Request wider = request;
      wider.url.replace(at, asked.size(), "per_page=1000");
      page_ = behind_.answer(wider, now);
    }
    return *page_;
  }
  http::Response failure(int status, Instant now) override { return behind_.failure(status, now); }
  const std::string& page() const { return page_->body; }

 private:
  fakes::Zendesk& behind_;
  std::optional<http::Response> page_;
};

struct Parsed {
  connectors::DeskPage page;
  std::string text;
  double cpu = 0;
};

Parsed parse(ZendeskAccount& account, fakes::SetClock& clock) {
  OnePage wide(account.zen);
  Metered metered(wide);
  fakes::FaultPlan faults;
  fakes::Net net(clock, faults);
  net.route(ZendeskAccount::host, metered);
  const auto client = account.connect(net);
  client->changes("", start, {});  // reads the form, and has the page written
  const double fake = metered.cpu;
  const Stopwatch watch;
  Parsed out;
  out.page = client->changes("", start, {});
  out.cpu = watch.cpu() - (metered.cpu - fake);
  out.text = wide.page();
  return out;
}

// One Zendesk's tickets in a ledger of their own.
class Intake {
 public:
  Intake(const std::filesystem::path& file, ZendeskAccount& account, fakes::SetClock& clock)
      : account_(account), net_(clock, faults_) {
    net_.route(ZendeskAccount::host, account.metered);
    room_.emplace(file, clock, net_, settings, connectors::Desks::All{{ZendeskAccount::system, account.connect(net_)}});
  }

  // Through the job; `count`: of its report what all tickets must be.
  void pull(const char* count, Series& cpu, Series& fake, Series& reads) {
    const double fake_before = account_.metered.cpu;
    const long calls_before = account_.metered.calls;
    const Stopwatch watch;
    const auto report = room_->run("desk_sync");
    const double all = watch.cpu();
    if (report.counts.at(count) < static_cast<long long>(account_.ids.size()))
      throw std::runtime_error("the job did not take every ticket: " + report.summary);
    fake.rounds.push_back(account_.metered.cpu - fake_before);
    cpu.rounds.push_back(all - fake.rounds.back());
    reads.rounds.push_back(static_cast<double>(account_.metered.calls - calls_before));
  }

  // What was read before it was whole is read again.
  void settle(fakes::SetClock& clock) {
    for (int i = 0; i < 10; ++i) {
      clock.at += 1min;
      room_->run("desk_look");
    }
  }

  // The page's rows alone, with whom they name.
  double ingest(const connectors::DeskPage& page) {
    const auto config = room_->config();
    const auto& mapping = desk_sync::mapping_of(config->get<desk_sync::Section>("desk_sync"), ZendeskAccount::system);
    const Stopwatch watch;
    room_->ledger().write([&](store::Tx& tx) {
      for (const auto& row : page.tickets) {
        desk_sync::Reading reading;
        reading.row = row;
        reading.opening.author_id = row.requester_id;
        reading.opening.from_customer = reading.opening.is_public = true;
        reading.opening.created = row.created;
        reading.opening.html = row.html;
        reading.listed = desk_sync::hash_of(row);
        introduce(reading);
        desk_sync::ingest(tx, room_->kernel(), ZendeskAccount::system, mapping, reading, row.updated + 1h);
      }
    });
    return watch.cpu();
  }

 private:
  // Each on the first ticket that names them.
  void introduce(desk_sync::Reading& reading) {
    const auto meet = [&](const std::string& id, tickets::PersonKind kind) {
      if (met_.insert(id).second) {
        reading.people.push_back({{ZendeskAccount::system, id, kind, "김민준", id + "@customer.example", {}}, {}});
      }
    };
    meet(reading.row.requester_id, tickets::PersonKind::customer);
    meet(reading.row.assignee_id, tickets::PersonKind::agent);
    const std::string& company = reading.row.organisation_id;
    if (met_.insert(company).second) reading.organisations[company] = "Company " + company;
  }

  ZendeskAccount& account_;
  fakes::FaultPlan faults_;
  fakes::Net net_;
  std::optional<DeskRoom> room_;
  std::set<std::string> met_;
};

void keep(const std::filesystem::path& file, const std::string& text) {
  std::ofstream out(file);
  out << text;
  if (!out.flush()) throw std::runtime_error("cannot write " + file.string());
}

void run(int tickets, long rounds, const std::string& directory) {
  Series bytes{"page_bytes"}, parse_cpu{"parse_cpu"}, first{"first_cpu"}, first_fake{"first_fake_cpu"},
      first_reads{"first_reads"}, again{"again_cpu"}, again_fake{"again_fake_cpu"}, again_reads{"again_reads"},
      first_alone{"first_alone_cpu"}, again_alone{"again_alone_cpu"};
  std::vector<Series> rows;
  for (long round = 0; round < rounds; ++round) {
    const fakes::Scratch scratch;
    fakes::SetClock clock(start);
    ZendeskAccount account(clock, tickets);
    const auto ours = scratch / "ours.db", alone = scratch / "alone.db";
    const Parsed page = parse(account, clock);
    bytes.rounds.push_back(static_cast<double>(page.text.size()));
    parse_cpu.rounds.push_back(page.cpu);
    Intake intake(ours, account, clock), by_page(alone, account, clock);
    if (!directory.empty()) {
      const fakes::Scratch beside;
      { const Intake empty(beside / "empty.db", account, clock); }
      std::filesystem::copy_file(beside / "empty.db", std::filesystem::path(directory) / "empty.db",
                                 std::filesystem::copy_options::overwrite_existing);
      keep(std::filesystem::path(directory) / "first.json", page.text);
    }
    intake.pull("created", first, first_fake, first_reads);
    first_alone.rounds.push_back(page.cpu + by_page.ingest(page.page));
    intake.settle(clock);
    account.change_all();
    const Parsed changed = parse(account, clock);
    if (!directory.empty()) keep(std::filesystem::path(directory) / "again.json", changed.text);
    intake.pull("changes", again, again_fake, again_reads);
    again_alone.rounds.push_back(changed.cpu + by_page.ingest(changed.page));
    const auto fewer = row_counts(alone);
    rows.clear();
    for (const auto& [table, count] : row_counts(ours)) {
      if (count > 0) rows.push_back({"rows_" + table, {static_cast<double>(count)}});
      if (fewer.at(table) > 0) rows.push_back({"alone_" + table, {static_cast<double>(fewer.at(table))}});
    }
  }
  std::vector<Series> out{bytes, parse_cpu,  first,       first_fake,  first_reads,
                          again, again_fake, again_reads, first_alone, again_alone};
  out.insert(out.end(), rows.begin(), rows.end());
  print(out);
}

}  // namespace
}  // namespace supportd::bench

int main(int argc, char** argv) {
  using namespace supportd::bench;
  try {
    run(static_cast<int>(option(argc, argv, "tickets", 1000)), option(argc, argv, "rounds", 5),
        text_option(argc, argv, "directory", ""));
  } catch (const std::exception& error) {
    std::cerr << "bench_incremental_page: " << error.what() << '\n';
    return 1;
  }
}
