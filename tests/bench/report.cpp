#include "tests/bench/report.hpp"

#include <time.h>

#include <algorithm>
#include <cmath>
#include <iostream>
#include <stdexcept>

#include "daemon/json.hpp"

namespace supportd::bench {

void print(const std::vector<Series>& all) {
  json::Writer out;
  out.object([&] {
    for (const Series& series : all) {
      out.key(series.name).array([&] {
        for (double value : series.rounds) out.value(value);
      });
    }
  });
  std::cout << out.take() << '\n';
}

double percentile(std::vector<double> samples, double percent) {
  if (samples.empty()) throw std::logic_error("no samples");
  std::ranges::sort(samples);
  const double rank = std::ceil(percent / 100 * static_cast<double>(samples.size()));
  return samples[static_cast<std::size_t>(std::max(rank, 1.0)) - 1];
}

long option(int argc, char** argv, const std::string& name, long otherwise) {
  return std::stol(text_option(argc, argv, name, std::to_string(otherwise)));
}

std::string text_option(int argc, char** argv, const std::string& name, const std::string& otherwise) {
  for (int i = 1; i + 1 < argc; ++i) {
    if (argv[i] == "--" + name) return argv[i + 1];
  }
  return otherwise;
}

double Stopwatch::wall() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
}

double Stopwatch::cpu() const { return read_cpu() - cpu_; }

double Stopwatch::read_cpu() {
  timespec at{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
  return static_cast<double>(at.tv_sec) + static_cast<double>(at.tv_nsec) * 1e-9;
}

}  // namespace supportd::bench
