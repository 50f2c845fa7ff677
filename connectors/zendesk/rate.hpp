// What Zendesk's answers say about its limits.
// https://developer.zendesk.com/api-reference/introduction/rate-limits/
#pragma once

#include <chrono>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "daemon/http/budget_client.hpp"

namespace supportd::connectors::zendesk {

// How long the answer wants peace: Retry-After of a 429 or 503; a minute when a 429 names none, or zero. None after
// "Pagination limit reached", which no waiting helps.
std::optional<Millis> asked_pause(const http::Response& answer, Instant now);

// For http::BudgetClient. The account's budget learns from X-Rate-Limit-Remaining or ratelimit-remaining, "/update" and
// "/incremental" also from `zendesk-ratelimit-<name>: total=100; remaining=7; resets=12`, the least of them. Nothing
// remaining is a pause of `resets` seconds where the header says so.
http::RateNews read_rate(const http::Request& request, const http::Response& answer, Instant now);

// "30 updates per 10 minutes per user per ticket": no header tells how many are left, so they are counted here.
// Thread-safe. Times are of time::Clock::steady().
class TicketUpdates {
 public:
  // Counts one; throws Error{throttled, "ticket_updates"} with the wait when it would be one too many.
  void take(const std::string& ticket, std::chrono::nanoseconds now);

 private:
  std::mutex mutex_;
  std::map<std::string, std::deque<std::chrono::nanoseconds>> made_;  // guarded; oldest first
};

}  // namespace supportd::connectors::zendesk
