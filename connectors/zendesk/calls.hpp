// HTTP as Zendesk speaks it: Basic auth by API token or a bearer token, JSON errors of several shapes.
// https://developer.zendesk.com/api-reference/introduction/security-and-auth/ and .../introduction/requests/
#pragma once

#include "connectors/rest_client.hpp"

namespace supportd::connectors::zendesk {

// The limits that Zendesk sets beside the account's own.
namespace family {
inline constexpr const char* update = "/update";
inline constexpr const char* incremental = "/incremental";
}  // namespace family

// `email`: whose API token the secret is; empty: it is an OAuth token.
RestClient::Account account(std::string base_url, std::string email, FetchSecret token, std::string budget);

// What an answer outside 2xx means. code(): the vendor's word ("RecordInvalid"); the message has the details and
// Zendesk's request id.
//   404  config "InvalidEndpoint" (the plan or the URL lacks it), else gone
//   409  conflict: "DatabaseConflict" (others write now), else the stamp is stale ("UpdateConflict")
//   422  refused; "closed" when the ticket is closed for good
//   400  refused; unknown_outcome "IdempotentRequestError": the key came before with another body
//   429  throttled, with the wait Zendesk names or a minute; refused "page_limit": paged too deep by offset
//   3xx  config; 5xx and 408: unreachable for a read, unknown_outcome for a write, retry_after as given; else refused
Error failure(const http::Request& request, const http::Response& answer, Instant now);

}  // namespace supportd::connectors::zendesk
