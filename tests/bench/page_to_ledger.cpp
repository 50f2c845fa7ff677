// From Freshdesk's pages to rows in an SQLite ledger, against prepared C-API statements that write the same rows with
// the same pragmas in the same transactions; and what an unchanged page writes. Tickets a second of wall time (and of
// CPU time, `_cpu`).
#include <iostream>

#include "tests/bench/desk_ledger.hpp"
#include "tests/bench/raw_rows.hpp"
#include "tests/bench/report.hpp"
#include "tests/fakes/scratch.hpp"

namespace supportd::bench {
namespace {

constexpr int tickets_a_commit = 20;  // about 400 rows

std::vector<std::vector<desk_sync::Reading>> read_all(const std::vector<PageText>& pages) {
  std::vector<std::vector<desk_sync::Reading>> out;
  for (const PageText& page : pages) out.push_back(read_page(page));
  return out;
}

struct Measured {
  double parse = 0, parse_cpu = 0, write = 0, write_cpu = 0;
};

Measured through_daemon(const std::filesystem::path& file, const std::vector<PageText>& pages) {
  DeskLedger ledger(file);
  Measured out;
  const Stopwatch parsing;
  const auto readings = read_all(pages);
  out.parse = parsing.wall();
  out.parse_cpu = parsing.cpu();
  const Stopwatch writing;
  for (const auto& page : readings) ledger.ingest(page, tickets_a_commit);
  out.write = writing.wall();
  out.write_cpu = writing.cpu();
  return out;
}

Measured by_hand(const std::filesystem::path& file, const Recording& recording) {
  RawWriter writer(file, recording);
  Measured out;
  const Stopwatch writing;
  writer.write();
  out.write = writing.wall();
  out.write_cpu = writing.cpu();
  return out;
}

struct Unchanged {
  double rows_changed = 0, wal_bytes = 0;
};

// The job itself reads a page that it has read before.
Unchanged unchanged_page(const std::filesystem::path& file, const PageText& page) {
  DeskLedger ledger(file);
  ledger.pull(read_page(page));
  const std::string before = dump(file);
  // Everything in the file, so that the log starts anew and what it grows by is what the page wrote.
  ledger.ledger().write([](store::Tx&) {});
  const auto wal_before = ledger.ledger().figures().wal_bytes;
  const auto report = ledger.pull(read_page(page));
  if (report.counts.at("unchanged") != tickets_a_page) throw std::runtime_error("the page was not taken as unchanged");
  return {dump(file) == before ? 0.0 : 1.0, static_cast<double>(ledger.ledger().figures().wal_bytes - wal_before)};
}

void run(int pages, long rounds) {
  const fakes::Scratch scratch;
  const auto base = scratch / "base.db", ours = scratch / "ours.db", raw = scratch / "raw.db";
  const auto fresh = [&](const std::filesystem::path& file) {
    for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + suffix);
    std::filesystem::copy_file(base, file);
  };
  { const DeskLedger empty(base); }
  std::vector<PageText> texts;
  for (int i = 0; i < pages; ++i) texts.push_back(page_text(i));
  fresh(ours);
  through_daemon(ours, texts);
  const Recording recording = record(base, ours, tickets_a_commit);
  fresh(raw);
  by_hand(raw, recording);
  if (dump(raw) != dump(ours)) throw std::runtime_error("the two sides wrote different rows");

  Series all{"parsed_and_written"}, written{"written"}, reference{"raw"}, all_cpu{"parsed_and_written_cpu"},
      written_cpu{"written_cpu"}, reference_cpu{"raw_cpu"};
  const double tickets = pages * tickets_a_page;
  for (long round = 0; round < rounds; ++round) {
    fresh(ours);
    const Measured daemon = through_daemon(ours, texts);
    fresh(raw);
    const Measured hand = by_hand(raw, recording);
    all.rounds.push_back(tickets / (daemon.parse + daemon.write));
    written.rounds.push_back(tickets / daemon.write);
    reference.rounds.push_back(tickets / hand.write);
    all_cpu.rounds.push_back(tickets / (daemon.parse_cpu + daemon.write_cpu));
    written_cpu.rounds.push_back(tickets / daemon.write_cpu);
    reference_cpu.rounds.push_back(tickets / hand.write_cpu);
  }
  fresh(ours);
  const Unchanged same = unchanged_page(ours, texts.front());
  print({all,
         written,
         reference,
         all_cpu,
         written_cpu,
         reference_cpu,
         {"rows_a_ticket", {static_cast<double>(recording.rows()) / tickets}},
         {"unchanged_rows", {same.rows_changed}},
         {"unchanged_wal_bytes", {same.wal_bytes}}});
}

}  // namespace
}  // namespace supportd::bench

int main(int argc, char** argv) {
  using namespace supportd::bench;
  try {
    run(static_cast<int>(option(argc, argv, "pages", 20)), option(argc, argv, "rounds", 5));
  } catch (const std::exception& error) {
    std::cerr << "bench_page_to_ledger: " << error.what() << '\n';
    return 1;
  }
}
