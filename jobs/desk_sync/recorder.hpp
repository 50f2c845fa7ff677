// Facts of one row as events, and whom it names.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "jobs/desk_sync/reading.hpp"
#include "jobs/tickets/kernel.hpp"
#include "jobs/tickets/people.hpp"

namespace supportd::desk_sync {

// Records them under one origin, time and actor. Borrows all.
class Recorder {
 public:
  Recorder(store::Tx& tx, const tickets::Kernel& kernel, const std::string& system, const Reading& reading, Instant now)
      : tx_(tx), kernel_(kernel), system_(system), reading_(reading), now_(now) {}

  void ticket(tickets::TicketId id) { id_ = id; }
  // `desk_field`: what a custom field is called there.
  tickets::NewEvent event(tickets::Change change, const std::string& desk_field = "") const;
  // Whether it was news.
  bool record(tickets::EventKind kind, const std::string& value, const std::string& name = "",
              const std::string& desk_field = "");
  bool record_tags(std::vector<std::string> added, std::vector<std::string> removed);

 private:
  store::Tx& tx_;
  const tickets::Kernel& kernel_;
  const std::string& system_;
  const Reading& reading_;
  const Instant now_;
  tickets::TicketId id_;
};

// Whom the ledger knows of those that a row names, each asked for once.
class Aliases {
 public:
  Aliases(store::Tx& tx, const std::string& system) : tx_(tx), system_(system) {}
  const std::optional<tickets::Alias>& find(const std::string& remote_id);
  // Empty: nobody, or one without a name.
  std::string name_of(const std::string& remote_id);

 private:
  store::Tx& tx_;
  const std::string& system_;
  std::map<std::string, std::optional<tickets::Alias>> known_;
};

}  // namespace supportd::desk_sync
