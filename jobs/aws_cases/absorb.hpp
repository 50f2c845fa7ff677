// What one case's listing at AWS changes in the ledger. The same decision serves for doing it and for showing it.
#pragma once

#include "jobs/aws_cases/context.hpp"
#include "jobs/aws_cases/metrics.hpp"
#include "jobs/aws_cases/owing.hpp"

namespace supportd::aws_cases {

// A case as AWS shows it now.
struct Sighting {
  connectors::aws_support::Case seen;
  std::vector<connectors::aws_support::Communication> newest_first;
  bool complete = false;  // back to the case's beginning
  bool whole = true;      // nothing in it was beyond understanding
  Instant asked{};        // before AWS was asked: what we did meanwhile may be missing in it
};

// Changes whenever anything in the answer does.
std::string fingerprint(const connectors::aws_support::Case& seen);
// When people solved it. One that was closed without that: the beginning of time, so that AWS's word stands.
Instant end_of(const tickets::Ticket& ticket);
// Whether anybody but us wrote after the ticket's end. AWS dates no reopening, and each comes with a word.
bool said_after(const std::vector<connectors::aws_support::Communication>& newest_first, Instant end);
Listing listing_of(const Sighting& sighting);

// What would be written.
struct Changes {
  std::vector<Told> told;
  std::optional<tickets::Status> ticket;
  bool status_changed = false;
};
Changes decide(const Section& section, const Case& it, const tickets::Ticket& ticket, const Sighting& sighting,
               const std::vector<Known>& known, const std::vector<Write>& writes, std::set<std::string> claimed);
// One line a change: "ticket 7: message by Amazon Web Services of 2026-01-01T00:00:00Z, 2 files".
std::vector<std::string> describe(const Case& it, const Sighting& sighting, const Changes& changes);

struct Absorbed {
  int messages = 0;           // written
  bool status_waits = false;  // it must be looked at again
};

class Absorb {
 public:
  Absorb(const Context& context, Metrics& metrics) : context_(context), owing_(context), metrics_(metrics) {}
  Absorbed operator()(store::Tx& tx, const Section& section, CaseRow id, const Sighting& sighting, Instant now) const;

 private:
  std::optional<tickets::MessageId> mirror(store::Tx& tx, const Section& section, const Case& it, const Told& told,
                                           const connectors::aws_support::Communication& said, Instant now) const;
  void rerender(store::Tx& tx, const Section& section, const Case& it, const Told& told,
                const connectors::aws_support::Communication& said, Instant now) const;
  // False when the status must wait.
  bool take_status(store::Tx& tx, Case& it, const Sighting& sighting, const Changes& changes, Instant now) const;

  void identify(store::Tx& tx, const Section& section, Case& it, const connectors::aws_support::Case& seen,
                Instant now) const;

  const Context context_;
  const Owing owing_;
  Metrics& metrics_;
};

}  // namespace supportd::aws_cases
