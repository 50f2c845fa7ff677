#include "jobs/aws_cases/rules_status.hpp"

namespace supportd::aws_cases {

std::optional<tickets::Status> ticket_status(const StatusRules& rules, std::string_view seen, std::string_view status,
                                             tickets::Status ticket, bool said_since_end) {
  using tickets::Status;
  if (seen == status || ticket == Status::cancelled) return {};
  if (status == resolved_status) return is_unsolved(ticket) ? std::optional(Status::solved) : std::nullopt;
  if (!is_unsolved(ticket)) {
    // AWS reopened what was resolved, whether or not we saw it resolved: there is work again, unless people have read
    // why and solved it. Otherwise they solved it anyway, and AWS will hear.
    const bool was_resolved = seen == resolved_status || (status == reopened_status && said_since_end);
    return was_resolved ? std::optional(Status::open) : std::nullopt;
  }
  const auto found = rules.while_open.find(std::string(status));
  return found == rules.while_open.end() ? rules.otherwise : found->second;
}

bool is_by_aws(std::string_view submitted_by) { return submitted_by == "Amazon Web Services"; }

}  // namespace supportd::aws_cases
