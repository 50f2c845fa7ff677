// One job's series, all present from the start. Those of a job that left the configuration go when its last run is
// over.
#pragma once

#include <atomic>
#include <map>

#include "daemon/observe/metrics.hpp"
#include "daemon/run/decisions.hpp"

namespace supportd::run {

class JobSeries {
 public:
  JobSeries(observe::Metrics& metrics, const std::string& job);
  ~JobSeries();
  JobSeries(const JobSeries&) = delete;
  JobSeries& operator=(const JobSeries&) = delete;

  // From the ledger, so that a restart makes nothing look stale.
  void restore(const decisions::JobRow& row);
  // `schedule`: none shows 0.
  void configured(const Schedule* schedule, Instant now);
  void skipped(const Stretch& stretch);
  void started(Instant at);
  // A lost run took nobody knows how long.
  void ended(Outcome outcome, Instant at, Millis took);
  void put_back();
  void retire() { retired_ = true; }

 private:
  observe::Gauge& gauge(const char* name, const char* help);

  observe::Metrics& metrics_;
  std::atomic<bool> retired_ = false;
  const observe::Labels labels_;
  std::map<std::string, observe::Gauge*> gauges_;
  std::map<Outcome, observe::Counter*> runs_;
  std::map<SkipReason, observe::Counter*> skips_;
  observe::Gauge& last_start_;
  observe::Gauge& last_completion_;
  observe::Gauge& last_success_;
  observe::Gauge& interval_;
  observe::Gauge& duration_;
  observe::Gauge& running_;
};

}  // namespace supportd::run
