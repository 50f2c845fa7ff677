// How many next fire times a second one core finds. Lines of `zone<TAB>expression` on standard input, or pairs of
// arguments `zone expression`; prints {"next_per_second":N,"calls":N,"schedules":N}.
#include <chrono>
#include <iostream>
#include <vector>

#include "daemon/run/schedule.hpp"

namespace {

using supportd::run::Schedule;
using supportd::time::Zone;

std::vector<Schedule> from_arguments(int argc, char** argv) {
  std::vector<Schedule> schedules;
  for (int i = 1; i + 1 < argc; i += 2) {
    schedules.push_back(Schedule::parse(argv[i + 1], Zone::find(argv[i]).value()).value());
  }
  return schedules;
}

std::vector<Schedule> from_lines(std::istream& in) {
  std::vector<Schedule> schedules;
  for (std::string line; std::getline(in, line);) {
    const auto tab = line.find('\t');
    if (tab == line.npos) continue;
    schedules.push_back(Schedule::parse(line.substr(tab + 1), Zone::find(line.substr(0, tab)).value()).value());
  }
  return schedules;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace std::chrono;
  constexpr int calls_a_turn = 1000;
  const auto schedules = argc > 1 ? from_arguments(argc, argv) : from_lines(std::cin);
  if (schedules.empty()) {
    std::cerr << "usage: cron_next ZONE EXPRESSION ... (or zone<TAB>expression lines on standard input)\n";
    return 2;
  }
  const supportd::Instant start = supportd::time::parse_instant("2026-01-01T00:00:00Z").value();
  std::int64_t calls = 0, sum = 0;
  const auto begun = steady_clock::now();
  while (steady_clock::now() - begun < seconds(2)) {
    for (const Schedule& schedule : schedules) {
      supportd::Instant at = start;
      for (int i = 0; i < calls_a_turn; ++i) at = schedule.next(at)->at;
      sum += supportd::time::to_millis(at);
      calls += calls_a_turn;
    }
  }
  const double spent = duration<double>(steady_clock::now() - begun).count();
  if (sum == 0) return 1;  // keeps the answers alive
  std::cout << "{\"next_per_second\":" << static_cast<std::int64_t>(static_cast<double>(calls) / spent)
            << ",\"calls\":" << calls << ",\"schedules\":" << schedules.size() << "}\n";
}
