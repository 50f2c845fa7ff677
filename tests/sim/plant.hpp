// Bugs put in on purpose, each of which the invariants must notice (rule 29). None is in the daemon's code: some change
// what passes between it and the vendors, others what it keeps in its ledger, as the bug would.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "daemon/http/client.hpp"
#include "daemon/time/instant.hpp"

namespace supportd::sim {

enum class Plant {
  none,
  post_repeated,          // the HTTP layer repeats a write whose answer was lost
  look_skipped,           // a write whose outcome is unknown is simply sent again
  absent_at_once,         // one listing without it is enough
  cursor_first,           // the cursor moves before the page is in the ledger
  reaction_apart,         // effects are owed in a transaction after that of their reason
  lease_unchecked,        // a lane that is being worked on is given to the next sender too
  echo_forgotten,         // what we wrote to AWS is not known again
  file_dropped,           // a note that is sent again goes without its files
  note_public,            // a private note becomes a public one
  agreement_forgotten,    // what both sides last agreed on is not kept
  key_without_vendor_id,  // a mark that a restored ledger does not make again
  restore_unnoticed,      // after a restore everything counts as certain
  decision_lost,          // some slots leave no decision
  // Of two desks:
  counterpart_public,  // a private note becomes a public comment at the second desk
  lane_split,          // what is said on one ticket leaves in any order
  limits_ignored,      // one page of the export is asked for again and again
  words_before_lost,   // a counterpart is not given what was said before it was there
  quarrel_uncut,       // two automations that cannot agree go on for ever
  removal_forgotten,   // a write of one field forgets which tags both sides had
  owner_forgotten,     // a field that one desk owns is taken from the other, too
  // Of service levels:
  threshold_late,     // a deadline is armed ten minutes after its threshold
  threshold_lost,     // some deadlines are never armed
  clock_stale,        // a clock's row keeps its first due time
  breach_rewritten,   // what was confirmed moves when the priority changes
  never_confirmed,    // what was recorded stays provisional
  told_twice,         // a message about a threshold is owed again
  told_never,         // some are not owed
  rules_not_applied,  // open tickets keep the due times of the old policies
};
inline constexpr int plants = static_cast<int>(Plant::rules_not_applied) + 1;
std::string_view to_text(Plant plant);
std::optional<Plant> parse_plant(std::string_view text);

// Does its harm between the daemon and the net.
class Saboteur final : public http::Client {
 public:
  Saboteur(Plant plant, http::Client& net) : plant_(plant), net_(net) {}
  http::Response send(const http::Request& request, std::stop_token stop = {}) override;

 private:
  http::Response repeat(const http::Request& request, std::stop_token stop);
  http::Response drop_files(http::Request request, std::stop_token stop);
  http::Response publish(http::Request request, std::stop_token stop);
  http::Response publish_at_zendesk(http::Request request, std::stop_token stop);
  http::Response ask_often(const http::Request& request, std::stop_token stop);

  const Plant plant_;
  http::Client& net_;
  std::set<std::string> notes_seen_;
};

// Does its harm to a ledger that no process has open: triggers that act as the bug would.
void plant_in_ledger(Plant plant, const std::filesystem::path& ledger);
// After a crash at `now`: what the bug would have left.
void crash_in_ledger(Plant plant, const std::filesystem::path& ledger, Instant now);

}  // namespace supportd::sim
