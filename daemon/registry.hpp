// What a slice may use and where it registers what it adds. Borrowed from App, which outlives every slice.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/config/schema.hpp"
#include "daemon/http/budget.hpp"
#include "daemon/http/client.hpp"
#include "daemon/http/router.hpp"
#include "daemon/observe/log.hpp"
#include "daemon/observe/metrics.hpp"
#include "daemon/outbox/outbox.hpp"
#include "daemon/run/deadlines.hpp"
#include "daemon/run/job.hpp"
#include "daemon/store/ledger.hpp"
#include "daemon/time/clock.hpp"

namespace supportd {

// The configuration in force. A run takes it once and holds it to its end (rule 26). Thread-safe.
class RunningConfig {
 public:
  explicit RunningConfig(std::shared_ptr<const config::Config> config) : config_(std::move(config)) {}
  std::shared_ptr<const config::Config> get() const {
    const std::lock_guard lock(mutex_);
    return config_;
  }
  void set(std::shared_ptr<const config::Config> config) {
    const std::lock_guard lock(mutex_);
    config_ = std::move(config);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const config::Config> config_;  // guarded
};

// A line of the daemon's status in which a slice says how it is doing. For people: numbers are in the metrics.
struct Fact {
  std::string name;
  std::function<std::string(store::Tx& tx, Instant now)> text;
};

struct Registry {
  time::Clock& clock;
  RunningConfig& config;
  store::Ledger& ledger;
  outbox::Outbox& outbox;
  http::Client& http;  // waits for the budgets and counts
  http::Budgets& budgets;
  observe::Log& log;
  observe::Metrics& metrics;

  // Filled by the slices at install, before anything runs.
  run::Deadlines& deadlines;
  run::JobKinds& jobs;
  http::Router& routes;

  // Runs a job as soon as its overlap rule lets it; one that waits already serves. For handlers of outside events; set
  // before anything runs. Throws nothing: what it cannot start, the job's schedule does.
  std::function<void(const std::string& job, const std::string& reason)> ask{};

  std::vector<Fact> facts{};  // filled by the slices at install, too
};

}  // namespace supportd
