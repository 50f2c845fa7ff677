// [desk_sync]: which tickets count, and how each desk's values map to the ledger's.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "jobs/desk_sync/mapping.hpp"

namespace supportd::desk_sync {

struct FreshdeskMapping : Mapping {
  FreshdeskMapping() : Mapping(freshdesk_mapping()) {}
};
struct ZendeskMapping : Mapping {
  ZendeskMapping() : Mapping(zendesk_mapping()) {}
};

struct Section {
  // Tickets changed before this do not count (rule 8); unset: the first start of this ledger.
  std::optional<Instant> baseline;
  std::string zone = "UTC";                           // for the times written into notes
  std::int64_t most_file_bytes = 15 * 1024 * 1024;    // of one attachment that is copied
  std::optional<bool> notes_move_updated;             // unset: as the probe found, else true; false: see `recheck`
  Millis recheck{std::chrono::hours{1}};              // how often linked tickets are read again when notes move nothing
  Millis people{std::chrono::hours{24}};              // how old what is known of a person may be when they appear
  int most_effects_an_hour = 2'000;                   // blast limits (rule 7); 0: none
  int most_effects_a_ticket = 60;                     // in ten minutes
  Millis settle{60'000};                              // how long a new note may stay invisible in lists, at least
  std::map<std::string, FreshdeskMapping> freshdesk;  // by the desk's name
  std::map<std::string, ZendeskMapping> zendesk;
};
void bind(config::Binder& b, Section& s);

}  // namespace supportd::desk_sync
