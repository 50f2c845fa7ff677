// Fills an SQLite ledger with tickets, their events, links and messages, through the daemon's own kernel:
// --tickets N --ledger FILE.
#include <iostream>

#include "tests/bench/desk_ledger.hpp"

int main(int argc, char** argv) {
  using namespace supportd::bench;
  std::string file;
  int tickets = 0;
  for (int i = 1; i + 1 < argc; i += 2) {
    if (argv[i] == std::string("--ledger")) file = argv[i + 1];
    if (argv[i] == std::string("--tickets")) tickets = std::stoi(argv[i + 1]);
  }
  if (file.empty() || tickets < tickets_a_page) {
    std::cerr << "usage: bench_fill_ledger --tickets N --ledger FILE (in whole hundreds)\n";
    return 2;
  }
  try {
    DeskLedger ledger(file);
    for (int page = 0; page < tickets / tickets_a_page; ++page) {
      ledger.ingest(read_page(page_text(page)), tickets_a_page);
    }
  } catch (const std::exception& error) {
    std::cerr << "bench_fill_ledger: " << error.what() << '\n';
    return 1;
  }
}
