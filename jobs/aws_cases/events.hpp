// The fast path beside the sweeps: AWS says on a queue which case changed, and that case is looked at now. What is lost
// on the way is found by the sweeps.
#pragma once

#include "connectors/aws/sqs.hpp"
#include "daemon/run/job.hpp"
#include "jobs/aws_cases/rules_event.hpp"
#include "jobs/aws_cases/sweep.hpp"

namespace supportd::aws_cases {

inline constexpr const char* event_source = "aws:events";  // of what goes aside

struct Heard {
  long long messages = 0, marked = 0, unknown = 0, other = 0, poison = 0;
  Swept looked;
};

class Events {
 public:
  Events(const Context& context, Metrics& metrics, run::JobContext& job)
      : context_(context), metrics_(metrics), job_(job) {}

  // Listens until the instant. Throws Error{config} when no queue is configured.
  Heard listen(Instant until);

 private:
  enum class Result { marked, unknown, other, poison };
  // One message: into the ledger before it leaves the queue.
  Result take(store::Tx& tx, const std::string& id, const std::string& body);
  void take(const std::vector<connectors::aws::QueueMessage>& messages);
  void try_again();
  void count(Result result);
  void look();

  const Context context_;
  Metrics& metrics_;
  run::JobContext& job_;
  Heard heard_;
};

}  // namespace supportd::aws_cases
