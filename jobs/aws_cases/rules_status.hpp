// What a case's status at AWS means for its ticket (product.md decision 6). Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "jobs/tickets/values.hpp"

namespace supportd::aws_cases {

inline constexpr std::string_view resolved_status = "resolved", reopened_status = "reopened";
// Those AWS documents for a case that is open; others may come and are data.
inline constexpr std::string_view open_statuses[] = {"unassigned",       "opened",
                                                     "work-in-progress", "pending-customer-action",
                                                     reopened_status,    "customer-action-completed"};

struct StatusRules {
  std::map<std::string, tickets::Status> while_open{{"pending-customer-action", tickets::Status::open}};
  tickets::Status otherwise = tickets::Status::hold;  // AWS's other words, unknown ones too
};

// What the ticket becomes; nothing when AWS's status did not change since it was last seen (empty: it never was), or
// says nothing about a ticket that people have already ended. `said_since_end`: somebody wrote on the case since then.
std::optional<tickets::Status> ticket_status(const StatusRules& rules, std::string_view seen, std::string_view status,
                                             tickets::Status ticket, bool said_since_end);

// "Amazon Web Services" is an engineer of theirs; anybody else acts for the customer.
bool is_by_aws(std::string_view submitted_by);

}  // namespace supportd::aws_cases
