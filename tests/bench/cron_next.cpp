// How many next fire times a second of CPU time one core finds. Lines of `zone<TAB>expression` on standard input, or
// pairs of arguments `zone expression`, after an optional `--seconds N`; prints
// {"next_per_second":N,"calls":N,"ends":[...]}: where ten steps from 2026 on lead each schedule, in milliseconds.
#include <time.h>

#include <iostream>
#include <vector>

#include "daemon/json.hpp"
#include "daemon/run/schedule.hpp"

namespace {

using supportd::Instant;
using supportd::run::Schedule;
using supportd::time::Zone;

constexpr int steps = 10;

Schedule schedule(const std::string& zone, const std::string& expression) {
  return Schedule::parse(expression, Zone::find(zone).value()).value();
}

std::vector<Schedule> from_lines(std::istream& in) {
  std::vector<Schedule> schedules;
  for (std::string line; std::getline(in, line);) {
    const auto tab = line.find('\t');
    if (tab != line.npos) schedules.push_back(schedule(line.substr(0, tab), line.substr(tab + 1)));
  }
  return schedules;
}

std::int64_t walk(const Schedule& schedule) {
  Instant at = supportd::time::from_millis(1'767'225'600'000);  // 2026-01-01T00:00:00Z
  for (int i = 0; i < steps; ++i) at = schedule.next(at)->at;
  return supportd::time::to_millis(at);
}

double cpu_seconds() {
  timespec at{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) * 1e-9;
}

}  // namespace

int main(int argc, char** argv) {
  double seconds = 2;
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() > 1 && arguments[0] == "--seconds") {
    seconds = std::stod(arguments[1]);
    arguments.erase(arguments.begin(), arguments.begin() + 2);
  }
  std::vector<Schedule> schedules;
  for (std::size_t i = 0; i + 1 < arguments.size(); i += 2) {
    schedules.push_back(schedule(arguments[i], arguments[i + 1]));
  }
  if (schedules.empty()) schedules = from_lines(std::cin);
  if (schedules.empty()) {
    std::cerr << "usage: bench_cron_next [--seconds N] ZONE EXPRESSION ... (or zone<TAB>expression lines)\n";
    return 2;
  }
  std::vector<std::int64_t> ends;
  for (const Schedule& one : schedules) ends.push_back(walk(one));
  std::int64_t calls = 0, sum = 0;
  const double begun = cpu_seconds();
  do {
    for (const Schedule& one : schedules) sum += walk(one);
    calls += steps * static_cast<std::int64_t>(schedules.size());
  } while (cpu_seconds() - begun < seconds);
  const double spent = cpu_seconds() - begun;
  if (sum == 0) return 1;  // keeps the answers alive
  supportd::json::Writer out;
  out.object([&] {
    out.member("next_per_second", static_cast<std::int64_t>(static_cast<double>(calls) / spent));
    out.member("calls", calls).key("ends").array([&] {
      for (std::int64_t end : ends) out.value(end);
    });
  });
  std::cout << out.take() << '\n';
}
