// HTTP as Freshdesk speaks it: Basic auth with the API key, JSON errors, rate-limit headers.
// https://developers.freshdesk.com/api/#error and #ratelimit
#pragma once

#include "connectors/rest_client.hpp"
#include "daemon/http/budget_client.hpp"

namespace supportd::connectors::freshdesk {

// The limits that Freshdesk sets beside the account's own.
namespace family {
inline constexpr const char* list = "/list";
inline constexpr const char* create = "/create";
inline constexpr const char* update = "/update";
}  // namespace family

RestClient::Account account(std::string base_url, FetchSecret key, std::string budget);

// What an answer outside 2xx means. code(): that of the first error ("missing_field"); the message names the fields.
// 404, and 405 (the ticket is deleted or spam): gone. 409: conflict. 429: throttled. 3xx: config. 5xx and 408:
// unreachable for a read, unknown_outcome for a write. Everything else: refused.
Error failure(const http::Request& request, const http::Response& answer, Instant now);

// For http::BudgetClient: X-RateLimit-Remaining and Retry-After.
http::RateNews read_rate(const http::Request& request, const http::Response& answer, Instant now);

}  // namespace supportd::connectors::freshdesk
