// A row's fields into the ledger, each merged by itself on three values: what both sides last agreed on, the desk's,
// the ledger's (rule 15).
#pragma once

#include "jobs/desk_sync/ingest.hpp"
#include "jobs/desk_sync/recorder.hpp"

namespace supportd::desk_sync {

// What is merged into what. Borrows all.
struct Merge {
  store::Tx& tx;
  const tickets::Kernel& kernel;
  const std::string& system;
  const Mapping& mapping;
  const Reading& reading;
  const connectors::DeskTicket& row;
  Instant now;
  tickets::TicketId ticket;
  bool first_sight;     // all that the desk has is news
  Instant known_until;  // the desk's time of what was known of the row before
  bool joined;          // the ticket was known from elsewhere: what was said here before is kept, but carried nowhere
  Aliases& aliases;
};

enum class Part { status, others };
void merge_fields(const Merge& m, Recorder& recorder, const Snapshot& agreed, Part part, Ingested& out);

// Read before a write of ours that it does not show: what both sides agreed on is younger.
bool is_stale(const Snapshot& agreed, const Snapshot& desk);
// Ended when it was last read and now, but since later: somebody had opened it in between. What was said then was said
// on an open ticket, and it has ended after that.
bool was_open_meanwhile(const Merge& m, const Snapshot& agreed, const Snapshot& desk);

}  // namespace supportd::desk_sync
