// Freshdesk's webhooks: an action of an automation rule, whose URL, headers and body the desk's administrator types.
// They bear no signature and no id, and what placeholders put into the body is not escaped; so a shared secret stands
// in a header, and the body is only a hint which ticket to read. Pure.
// https://support.freshdesk.com/support/solutions/articles/132589
#pragma once

#include <string>
#include <string_view>

namespace supportd::connectors::freshdesk {

inline constexpr std::size_t most_webhook_bytes = 256 * 1024;

// In constant time. An empty secret lets nobody in.
bool is_webhook_secret(std::string_view given, std::string_view secret);

// The ticket a body speaks of: {"ticket_id": 7} or {"id": 7}, as text or number, also within "ticket" or
// "freshdesk_webhook"; in a body that is no JSON the first "ticket_id": 7, or nothing but the number. Throws
// Error{corrupt} when there is none or the body is too long.
std::string webhook_ticket(std::string_view body);

}  // namespace supportd::connectors::freshdesk
