#include "daemon/observe/process.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "daemon/version.hpp"

namespace supportd::observe {
namespace {

struct Usage {
  double cpu_seconds = 0, resident = 0, virtual_size = 0, start_seconds = 0;
};

// Fields of /proc/self/stat as in man proc(5), counted from 1. The second, the name, may itself hold blanks.
std::vector<double> stat_fields() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  std::vector<double> out(3, 0);
  std::istringstream rest(line.substr(std::min(line.size(), line.rfind(')') + 4)));
  for (double value = 0; rest >> value;) out.push_back(value);
  return out;
}

Usage usage() {
  constexpr std::size_t user_time = 14, system_time = 15, start_time = 22, virtual_bytes = 23, resident_pages = 24;
  const auto fields = stat_fields();
  const auto field = [&](std::size_t number) { return number <= fields.size() ? fields[number - 1] : 0; };
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  const double booted = static_cast<double>(time::to_millis(time::machine_boot())) / 1000;
  return {.cpu_seconds = (field(user_time) + field(system_time)) / ticks,
          .resident = field(resident_pages) * static_cast<double>(::sysconf(_SC_PAGESIZE)),
          .virtual_size = field(virtual_bytes),
          .start_seconds = booted + field(start_time) / ticks};
}

double open_files() {
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (error) return 0;
  return static_cast<double>(std::distance(begin(files), end(files)) - 1);  // one of them is this listing
}

double most_files() {
  rlimit limit{};
  return ::getrlimit(RLIMIT_NOFILE, &limit) == 0 ? static_cast<double>(limit.rlim_cur) : 0;
}

}  // namespace

void watch_process(Metrics& metrics) {
  metrics
      .gauge("supportd_build_info",
             "A metric with a constant 1 value labelled by version, revision and compiler of supportd.",
             {{"version", version}, {"revision", revision}, {"compiler", compiler}})
      .Set(1);
  auto& cpu = metrics.counter("process_cpu_seconds_total", "Total user and system CPU time spent in seconds.");
  auto& resident = metrics.gauge("process_resident_memory_bytes", "Resident memory size in bytes.");
  auto& virtual_size = metrics.gauge("process_virtual_memory_bytes", "Virtual memory size in bytes.");
  auto& open = metrics.gauge("process_open_fds", "Number of open file descriptors.");
  auto& most = metrics.gauge("process_max_fds", "Maximum number of open file descriptors.");
  // Measured once: later the wall clock may have been stepped, and a restart is what a change here means.
  metrics.gauge("process_start_time_seconds", "Start time of the process since unix epoch in seconds.")
      .Set(usage().start_seconds);
  metrics.on_scrape([&cpu, &resident, &virtual_size, &open, &most] {
    const Usage now = usage();
    raise_to(cpu, now.cpu_seconds);
    resident.Set(now.resident);
    virtual_size.Set(now.virtual_size);
    open.Set(open_files());
    most.Set(most_files());
  });
}

void watch_log(Metrics& metrics, const Log& log) {
  for (const Level level : levels) {
    auto& written = metrics.counter("supportd_log_messages_total", "Log messages written, by level.",
                                    {{"level", std::string(to_text(level))}});
    metrics.on_scrape([&written, &log, level] { raise_to(written, static_cast<double>(log.written(level))); });
  }
}

}  // namespace supportd::observe
