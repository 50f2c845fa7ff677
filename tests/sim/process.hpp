// The daemon as one process of the simulation: the App, its ledger a file, its vendors the fakes.
#pragma once

#include <filesystem>
#include <memory>

#include "tests/sim/outside.hpp"

namespace supportd::sim {

class Process {
 public:
  virtual ~Process() = default;
  // As by SIGTERM. May throw Crashed.
  virtual void stop() = 0;
  // A webhook comes in; the answer's status. May throw Crashed.
  virtual int hear(const std::string& path, const http::Headers& headers, const std::string& body) = 0;
  // As by SIGHUP. May throw Crashed.
  virtual void reload() = 0;
};

// Starts the `life`-th one on what `state` holds. May throw Crashed, and Error when it refuses to start.
std::unique_ptr<Process> start_daemon(Outside& outside, Baton& baton, http::Client& client,
                                      const std::filesystem::path& state, int life);
// Where in `state` its ledger lies.
std::filesystem::path ledger_of(const std::filesystem::path& state);

}  // namespace supportd::sim
