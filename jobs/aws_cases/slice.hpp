// The slice: AWS Support cases for the ledger's tickets, opened, mirrored and finished.
#pragma once

#include "jobs/aws_cases/metrics.hpp"
#include "jobs/aws_cases/reaction.hpp"

namespace supportd::aws_cases {

std::vector<store::Migration> schema();

// The jobs as configurations see them, before anything is installed. `events`: there is a queue to listen to.
run::JobKinds job_kinds(bool events = true);

class Slice {
 public:
  // Registers reaction, channel, deadlines, jobs, routes and metrics. Borrows what it is given.
  Slice(Registry& registry, tickets::Kernel& kernel, const connectors::aws_support::Accounts& accounts);
  Slice(const Slice&) = delete;
  Slice& operator=(const Slice&) = delete;

 private:
  void add_jobs();
  run::Report hear(run::JobContext& job);

  const Context context_;
  const Opening opening_;
  Metrics metrics_;
};

}  // namespace supportd::aws_cases
