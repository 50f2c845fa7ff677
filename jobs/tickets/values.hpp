// The words of the support desk, shared by all slices. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/store/cell.hpp"

namespace supportd::tickets {

using TicketId = store::Id<struct TicketTag>;
using PersonId = store::Id<struct PersonTag>;
using OrganisationId = store::Id<struct OrganisationTag>;
using MessageId = store::Id<struct MessageTag>;
using AttachmentId = store::Id<struct AttachmentTag>;

enum class Status { fresh, open, pending, hold, solved, closed, cancelled };
enum class Priority { low, normal, high, urgent };
enum class Visibility { private_note, public_reply };
enum class Author { customer, agent, vendor, system };

std::string_view to_text(Status status);  // "new" for fresh
std::string_view to_text(Priority priority);
std::string_view to_text(Visibility visibility);  // "private", "public"
std::string_view to_text(Author author);
std::optional<Status> parse_status(std::string_view text);
std::optional<Priority> parse_priority(std::string_view text);
std::optional<Visibility> parse_visibility(std::string_view text);
std::optional<Author> parse_author(std::string_view text);

inline constexpr Status all_statuses[] = {Status::fresh,  Status::open,   Status::pending,  Status::hold,
                                          Status::solved, Status::closed, Status::cancelled};

// Whether people and rules may ask for this change. What a vendor did is a fact and is recorded all the same.
bool may_become(Status from, Status to);
// Work is still owed to the customer.
constexpr bool is_unsolved(Status status) {
  return status == Status::fresh || status == Status::open || status == Status::pending || status == Status::hold;
}

}  // namespace supportd::tickets
