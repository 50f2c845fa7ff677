// What the parts of the slice share. Borrowed from App and from the slice, which outlive them all.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "connectors/aws_support/accounts.hpp"
#include "daemon/registry.hpp"
#include "jobs/aws_cases/section.hpp"
#include "jobs/aws_cases/store.hpp"
#include "jobs/tickets/kernel.hpp"
#include "jobs/tickets/people.hpp"

namespace supportd::aws_cases {

inline constexpr const char* slice_name = "aws_cases";
inline constexpr const char* channel_name = "aws_support";
inline constexpr const char* decide_deadline = "aws_cases_decide";
inline constexpr const char* approval_deadline = "aws_cases_approval";

// The section in force, held while it is used (rule 26).
class Settings {
 public:
  explicit Settings(std::shared_ptr<const config::Config> config)
      : config_(std::move(config)), section_(&config_->get<Section>(slice_name)) {}
  const Section& operator*() const { return *section_; }
  const Section* operator->() const { return section_; }

 private:
  std::shared_ptr<const config::Config> config_;
  const Section* section_;
};

struct Context {
  Registry& registry;
  const tickets::Kernel& kernel;
  const connectors::aws_support::Accounts& accounts;

  Settings settings() const { return Settings(registry.config.get()); }
};

// "aws:111122223333": where AWS's communications come from.
inline std::string origin_of(const std::string& account) { return "aws:" + account; }
// Events and messages that this slice made itself are never its own cause.
inline bool is_own_origin(std::string_view origin) { return origin == slice_name || origin.starts_with("aws:"); }
inline std::string lane_of(CaseRow id) { return "aws:case:" + std::to_string(id.value); }
inline std::string subject_of(tickets::TicketId ticket) { return "ticket:" + std::to_string(ticket.value); }

// The texts of the language, or of the fallback one.
const Texts& texts_in(const Section& section, const std::string& language);
// The places known of every case: account, case, company, ... of its ticket and requester.
Values values_of(store::Tx& tx, const Section& section, const Case& it, const tickets::Ticket& ticket);
// "2026-01-01 09:00:00 KST", in the zone of the ticket's organisation.
std::string local_time(store::Tx& tx, const Section& section, const tickets::Ticket& ticket, Instant at);
// A private note on the ticket, once for each identity.
void add_note(store::Tx& tx, const tickets::Kernel& kernel, tickets::TicketId ticket, const std::string& identity,
              const std::string& text, Instant now);

}  // namespace supportd::aws_cases
