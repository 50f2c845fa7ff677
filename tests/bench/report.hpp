// What a bench prints: one JSON object of named lists, a number a round.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace supportd::bench {

struct Series {
  std::string name;
  std::vector<double> rounds{};
};
void print(const std::vector<Series>& all);

// The value that `percent` of the samples do not exceed.
double percentile(std::vector<double> samples, double percent);

// The value of `--name VALUE` among the arguments.
long option(int argc, char** argv, const std::string& name, long otherwise);
std::string text_option(int argc, char** argv, const std::string& name, const std::string& otherwise);

// Wall time and the process's CPU time since it was made, in seconds.
class Stopwatch {
 public:
  double wall() const;
  double cpu() const;

 private:
  static double read_cpu();
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  double cpu_ = read_cpu();
};

}  // namespace supportd::bench
