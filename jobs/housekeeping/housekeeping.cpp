#include "jobs/housekeeping/housekeeping.hpp"

#include "daemon/store/audit.hpp"
#include "jobs/tickets/aside.hpp"
#include "jobs/tickets/messages.hpp"

namespace supportd::housekeeping {
namespace {

constexpr int messages_a_step = 100;

// The head goes into the log, out of reach of whoever could rewrite the ledger.
std::int64_t seal(run::JobContext& context) {
  const auto head = context.ledger.write([&](store::Tx& tx) {
    context.fence.check(tx);
    return store::audit_seal(tx, context.now());
  });
  if (!head) return 0;
  context.log.info("audit sealed", {{"last_id", head->last_id}, {"hash", head->hash}});
  return head->last_id;
}

long long release(run::JobContext& context) {
  long long all = 0;
  for (int released = messages_a_step; released == messages_a_step && !context.stop.stop_requested();) {
    released = context.ledger.write(
        [&](store::Tx& tx) {
          context.fence.check(tx);
          return release_delivered(tx, messages_a_step);
        },
        store::WritePriority::bulk);
    all += released;
  }
  return all;
}

run::Report run(run::JobContext& context) {
  if (context.dry_run) return {"nothing to show: it changes no ticket and calls nobody", {}};
  const std::int64_t sealed_to = seal(context);
  const long long released = release(context);
  const std::int64_t unnamed = context.ledger.write([&](store::Tx& tx) {
    context.fence.check(tx);
    return tickets::drop_unnamed_aside(tx, context.now());
  });
  context.ledger.tidy();
  run::Report report;
  report.counts = {{"messages_released", released}, {"rows_let_go", unnamed}};
  report.summary = sealed_to > 0 ? "audit sealed to " + std::to_string(sealed_to) : "audit unchanged";
  if (released > 0) report.summary += ", files of " + std::to_string(released) + " messages released";
  if (unnamed > 0) report.summary += ", " + std::to_string(unnamed) + " old rows without an id let go of";
  return report;
}

}  // namespace

run::JobKind job_kind() {
  run::JobKind kind;
  kind.name = "housekeeping";
  kind.help = "Seals the audit trail, lets go of delivered files and tidies the ledger.";
  kind.schedule = "every 1m";
  kind.timeout = std::chrono::minutes{10};
  return kind;
}

void install(Registry& registry) {
  run::JobKind kind = job_kind();
  kind.run = run;
  registry.jobs.push_back(std::move(kind));
}

int release_delivered(store::Tx& tx, int most) {
  // Dead and parked effects may still be retried, and would need the bytes.
  const auto messages = tx.all<tickets::MessageId>(
      "SELECT DISTINCT a.message FROM attachment a JOIN message m ON m.id = a.message WHERE a.state = 'held' AND NOT "
      "EXISTS (SELECT 1 FROM effect e WHERE e.subject = 'ticket:' || m.ticket AND e.state NOT IN ('done', 'dropped')) "
      "ORDER BY a.message LIMIT :most",
      most);
  for (const auto message : messages) tickets::release_attachments(tx, message);
  return static_cast<int>(messages.size());
}

}  // namespace supportd::housekeeping
