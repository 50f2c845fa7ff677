// A ticket's audits, folded into its comments. Each audit is one update: its events are comments, changed fields, later
// redactions of comments; its metadata is what the writer put beside them. Pure.
// https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_audits/
// https://developer.zendesk.com/documentation/ticketing/reference-guides/ticket-audit-events-reference/
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "connectors/desk.hpp"
#include "daemon/json.hpp"

namespace supportd::connectors::zendesk {

// The member of an update's metadata that holds NewComment::ref.
inline constexpr const char* ref_name = "supportd_ref";

// Zendesk itself, as an author.
inline constexpr const char* system_user = "-1";

// The comment that an update made, from the `audit` of its answer. Throws Error{corrupt} when it holds none.
DeskComment parse_made_comment(const json::View& audit);

class Audits {
 public:
  // REQUIRES: oldest first, as Zendesk lists them. An audit that cannot be understood goes to bad().
  void add(const json::View& audit);
  // Roles seen on the way: "users", side-loaded.
  void add_users(const json::View& answer);

  // The opening comment, which is the ticket's description; null before it was seen.
  const DeskComment* opening() const { return has_opening_ ? &comments_.front() : nullptr; }
  // All but the opening, oldest first; from_customer is not set, and files do not count images in the text.
  std::vector<DeskComment> replies() const;
  const std::map<std::string, bool>& agents() const { return agents_; }  // by user id: is one, or is none
  const std::vector<BadRow>& bad() const { return bad_; }
  // When fields last changed, by the names of DeskUpdate; custom ones by their numbers.
  const std::map<std::string, Instant>& changed() const { return changed_; }
  // When the newest of them was made; the epoch: there is none.
  Instant newest() const { return newest_; }
  // The ticket that this one was merged into; empty: none that is told.
  const std::string& merged_into() const { return merged_into_; }

 private:
  void add_event(const json::View& audit, const json::View& event);
  void change(const json::View& event, Instant at);
  DeskComment* find(const std::string& id);

  std::vector<DeskComment> comments_;
  std::map<std::string, bool> agents_;
  std::vector<BadRow> bad_;
  std::map<std::string, Instant> changed_;
  Instant newest_{};
  std::string merged_into_;
  bool has_opening_ = false;
};

}  // namespace supportd::connectors::zendesk
