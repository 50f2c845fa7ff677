// Webhooks of Zendesk's: subscribed to events, or fired by triggers with a body an administrator typed. Either is only
// a hint which ticket to read. Pure. https://developer.zendesk.com/documentation/webhooks/verifying/ and
// .../api-reference/webhooks/event-types/
#pragma once

#include <string>
#include <string_view>

#include "daemon/time/instant.hpp"

namespace supportd::connectors::zendesk {

inline constexpr std::size_t most_webhook_bytes = 1024 * 1024;
inline constexpr Millis webhook_window{300'000};  // how old, or how far ahead, a delivery may be

enum class Verdict {
  genuine,
  forged,  // no signature, or another's; also when no secret is configured
  stale,   // signed, but too long ago or too far ahead: repeated by somebody, or a clock is wrong
};

// `signature`: X-Zendesk-Webhook-Signature, base64(HMAC-SHA256(secret, timestamp + body)); `timestamp`:
// X-Zendesk-Webhook-Signature-Timestamp as it came; `body`: the raw bytes. Compares in constant time.
Verdict verify(std::string_view signature, std::string_view timestamp, std::string_view body, std::string_view secret,
               Instant now, Millis window = webhook_window);

struct Notice {
  std::string event;       // id of the event; empty: a trigger's
  std::string invocation;  // X-Zendesk-Webhook-Invocation-Id: the same when a delivery is repeated
  std::string type;        // "ticket.comment_added"; a trigger's is empty
  std::string ticket;      // id; empty: an event of something else
  std::string actor;       // id of the user who did it, where told
};

// Unknown types and members are data. Throws Error{corrupt} when it is too long or no JSON object, or when a trigger's
// names no ticket ("ticket_id", "id", or either within "ticket").
Notice parse_notice(std::string_view body, std::string_view invocation);

}  // namespace supportd::connectors::zendesk
