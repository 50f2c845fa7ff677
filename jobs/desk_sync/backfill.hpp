// Tickets that a desk had before it was connected: read once, oldest change first, behind the live traffic.
#pragma once

#include "jobs/desk_sync/pull.hpp"

namespace supportd::desk_sync {

// How far the backfill of a desk has come. It is kept page by page: one that was interrupted goes on from there.
struct Backfill {
  Instant since{};     // tickets changed since then
  Instant began{};     // what changes after it the polls find
  Instant reached{};   // the change of the last ticket read
  std::string cursor;  // the desk's
  std::int64_t rows = 0, created = 0, messages = 0, aside = 0;
  bool finished = false;

  int percent() const;
};
std::optional<Backfill> find_backfill(store::Tx& tx, const std::string& system);

// Reads on to the end of what the desk has `since` then; unset: where the last one left off. One that was read to its
// end is not read again. Throws Error{config} when it is not known since when.
Backfill backfill(Puller& puller, const Spoke& spoke, std::optional<Instant> since, run::JobContext& context);

}  // namespace supportd::desk_sync
