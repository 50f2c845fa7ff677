#include "tests/sim/crew.hpp"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace supportd::sim {
namespace {

// With one thread at a time, a second processor only makes the baton's way longer.
void stay_on_one_processor(int worker) {
  cpu_set_t may, one;
  CPU_ZERO(&one);
  if (sched_getaffinity(0, sizeof may, &may) != 0 || CPU_COUNT(&may) == 0) return;
  int left = worker % CPU_COUNT(&may);
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &may) && left-- == 0) CPU_SET(cpu, &one);
  }
  sched_setaffinity(0, sizeof one, &one);  // only slower without it
}

std::string encode(const Totals& totals) {
  std::ostringstream out;
  out << totals.months << " " << totals.failed << " " << totals.messages << "\n";
  for (const auto& [what, count] : totals.coverage) out << count << " " << what << "\n";
  return out.str();
}

Totals decode(const std::string& text) {
  std::istringstream in(text);
  Totals out;
  if (!(in >> out.months >> out.failed >> out.messages)) throw std::runtime_error("a worker ended before its work did");
  std::int64_t count = 0;
  std::string what;
  while (in >> count && std::getline(in >> std::ws, what)) out.coverage[what] += count;
  return out;
}

struct Worker {
  pid_t pid = 0;
  int answer = -1;  // the pipe's reading end
};

Worker start(int number, const std::function<Totals()>& work) {
  int ends[2];
  if (pipe(ends) != 0) throw std::runtime_error("no pipe");
  std::cout.flush();
  const pid_t pid = fork();
  if (pid < 0) throw std::runtime_error("no process");
  if (pid > 0) {
    close(ends[1]);
    return {pid, ends[0]};
  }
  close(ends[0]);
  stay_on_one_processor(number);
  const std::string answer = encode(work());
  std::cout.flush();
  const bool written = write(ends[1], answer.data(), answer.size()) == static_cast<ssize_t>(answer.size());
  _exit(written ? 0 : 1);
}

std::string read_all(int file) {
  std::string out;
  char buffer[4096];
  for (ssize_t n = 0; (n = read(file, buffer, sizeof buffer)) > 0;) out.append(buffer, static_cast<std::size_t>(n));
  close(file);
  return out;
}

}  // namespace

Totals& Totals::operator+=(const Totals& more) {
  for (const auto& [what, count] : more.coverage) coverage[what] += count;
  months += more.months;
  failed += more.failed;
  messages += more.messages;
  return *this;
}

Totals live_all(std::uint64_t first, std::uint64_t last, int workers,
                const std::function<void(std::uint64_t, Totals&)>& live) {
  const auto share = [&](int number) {
    Totals out;
    for (std::uint64_t seed = first + static_cast<std::uint64_t>(number); seed <= last;
         seed += static_cast<std::uint64_t>(workers)) {
      live(seed, out);
    }
    return out;
  };
  if (workers == 1) {
    stay_on_one_processor(0);
    return share(0);
  }
  std::vector<Worker> crew;
  for (int i = 0; i < workers; ++i) {
    crew.push_back(start(i, [&share, i] { return share(i); }));
  }
  Totals out;
  bool complete = true;
  for (const Worker& worker : crew) {
    const std::string answer = read_all(worker.answer);
    int status = 0;
    waitpid(worker.pid, &status, 0);
    complete = complete && status == 0;
    if (status == 0) out += decode(answer);
  }
  if (!complete) throw std::runtime_error("a worker ended before its work did");
  return out;
}

}  // namespace supportd::sim
