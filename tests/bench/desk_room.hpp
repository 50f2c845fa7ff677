// The help desks' slice on a ledger as the daemon has it: all rooms' tables, the kernel with desk_sync's reaction, its
// jobs and channels.
#pragma once

#include <filesystem>
#include <string>

#include "daemon/registry.hpp"
#include "jobs/desk_sync/slice.hpp"
#include "tests/fakes/set_clock.hpp"

namespace supportd::bench {

class DeskRoom {
 public:
  // Borrows the clock and the client. `settings`: TOML. Not `durable`: for setting things up.
  DeskRoom(const std::filesystem::path& file, fakes::SetClock& clock, http::Client& http, const std::string& settings,
           connectors::Desks::All desks, bool durable = true);

  run::Report run(const std::string& job);
  // What a sender thread does, until nothing is due; returns how many effects were acted on.
  int send_all();

  store::Ledger& ledger() { return ledger_; }
  const tickets::Kernel& kernel() const { return kernel_; }
  std::shared_ptr<const config::Config> config() const { return config_.get(); }

 private:
  fakes::SetClock& clock_;
  RunningConfig config_;
  store::Ledger ledger_;
  outbox::Outbox outbox_;
  http::Budgets budgets_;
  observe::Log log_;
  observe::Metrics metrics_;
  run::Deadlines deadlines_;
  run::JobKinds jobs_;
  http::Router routes_;
  Registry registry_;
  connectors::Desks desks_;
  tickets::Kernel kernel_;
  desk_sync::Slice slice_;
};

}  // namespace supportd::bench
