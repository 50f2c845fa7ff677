// The reading side of the slice: changed tickets of each desk into the ledger, and the files that effects wait for.
#pragma once

#include <set>

#include "daemon/registry.hpp"
#include "daemon/run/job.hpp"
#include "jobs/desk_sync/desk.hpp"
#include "jobs/desk_sync/files.hpp"
#include "jobs/desk_sync/ingest.hpp"
#include "jobs/desk_sync/looks.hpp"

namespace supportd::desk_sync {

// From when a desk's tickets count, fixed when it is first seen (rule 8).
void count_from(store::Tx& tx, const std::string& system, Instant from, Instant now);
// Earlier ones count from now on.
void count_earlier(store::Tx& tx, const std::string& system, Instant from, Instant now);
std::optional<Instant> counted_from(store::Tx& tx, const std::string& system);

struct Pulled {
  std::set<std::string> unmapped;  // statuses that stand in no table
  int rows = 0, unchanged = 0, created = 0, messages = 0, changes = 0, conflicts = 0, echoes = 0, aside = 0, files = 0;
  Pulled& operator+=(const Pulled& more);
};

class Puller {
 public:
  // Borrows all. `urgency`: of its reads, beside others that draw on the desk's limits.
  Puller(Registry& registry, const tickets::Kernel& kernel, const Spoke& spoke, const Learned& learned,
         const Section& section, http::Priority urgency = http::Priority::normal)
      : registry_(registry),
        kernel_(kernel),
        spoke_(spoke),
        learned_(learned),
        section_(section),
        urgency_(urgency),
        began_(registry.ledger.began()),
        looks_(registry.deadlines),
        files_(registry, spoke, section) {}

  // All pages there are now. Throws Error; what was read by then is in the ledger, and the next run goes on from there.
  // In a dry run the same is read and counted, and nothing is kept.
  Pulled pull(run::JobContext& context);
  // What webhooks said to look at. Waits for nobody: what cannot be read now is tried again later.
  Pulled look(run::JobContext& context);
  // One page, wherever it comes from; what cannot be understood is set aside. The cursor is the caller's.
  void take_page(const connectors::DeskPage& page, run::JobContext& context, Pulled& out);
  // The same in parts.
  void take_row(const connectors::DeskTicket& row, run::JobContext& context, Pulled& out);
  void take_bad(const std::vector<connectors::BadRow>& rows, run::JobContext& context, Pulled& out);

  connectors::Call call(const run::JobContext& context) const { return {context.stop, urgency_}; }

 private:
  void retry_aside(run::JobContext& context, Pulled& out);
  void recheck_linked(run::JobContext& context, Pulled& out);
  // `listed`: the row comes from a list, so that the same row there is no news the next time.
  void take(connectors::DeskTicket row, bool listed, run::JobContext& context, Pulled& out);
  // One ticket by its id, whatever the ledger remembers of it; one that the desk has no more counts as deleted.
  void take_again(const std::string& id, run::JobContext& context, Pulled& out);
  void look_at(const std::string& id, run::JobContext& context, Pulled& out);
  // What it was merged into must be in the ledger first: both may be new to us.
  void take_target_of(const connectors::DeskTicket& row, run::JobContext& context, Pulled& out);
  // A look begun at `began` was made; what it saw is all there was, unless it is to be made again.
  void looked_at(store::Tx& tx, const Look& look, Instant began);
  void put_aside(const connectors::DeskTicket& row, const std::string& error, run::JobContext& context, Pulled& out);
  Reading read(connectors::DeskTicket row, run::JobContext& context);
  // Asks the desk who that is, unless it was asked lately.
  void meet(Reading& reading, const std::string& remote_id, bool agent, run::JobContext& context);
  void meet_organisation(Reading& reading, const std::string& id, run::JobContext& context);

  Registry& registry_;
  const tickets::Kernel& kernel_;
  const Spoke& spoke_;
  const Learned& learned_;
  const Section& section_;
  const http::Priority urgency_;
  const Instant began_;
  const Looks looks_;
  Files files_;
  std::set<std::string> merging_;  // tickets whose targets are being taken in
};

}  // namespace supportd::desk_sync
