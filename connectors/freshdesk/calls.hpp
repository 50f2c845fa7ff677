// HTTP as Freshdesk speaks it: Basic auth with the API key, JSON errors, rate-limit headers.
// https://developers.freshdesk.com/api/#error and #ratelimit
#pragma once

#include <atomic>
#include <functional>
#include <stop_token>
#include <string>

#include "daemon/http/budget_client.hpp"
#include "daemon/http/client.hpp"
#include "daemon/time/clock.hpp"

namespace supportd::connectors::freshdesk {

// The API key. `refused`: the one that Freshdesk did not take (empty: the first time of asking), to be fetched anew.
// Too many wrong keys lock the agent, so the same key again is not tried again.
using ApiKey = std::function<std::string(const std::string& refused)>;

// One of the limits that Freshdesk sets beside the account's own.
enum class Family { other, list, create, update };

class Calls {
 public:
  // `base_url`: "https://acme.freshdesk.com". `budget`: the account's; families draw on "<budget>/list",
  // "<budget>/create" and "<budget>/update", whose parent it is. Empty: none.
  Calls(http::Client& client, const time::Clock& clock, std::string base_url, ApiKey key, std::string budget);

  struct Options {
    Family family = Family::other;
    bool safe = false;
    Millis deadline{30'000};
    std::size_t answer_limit = 16 * 1024 * 1024;
    http::Priority priority = http::Priority::normal;
  };

  // `path`: "/tickets/7?include=x", below /api/v2.
  http::Request request(std::string method, const std::string& path, const char* operation, const Options& options);
  // Any answer but 401, which asks for the key anew once and then throws Error{config, "credentials"}: an operator must
  // act, and no effect may die of it meanwhile.
  http::Response exchange(http::Request request, std::stop_token stop);
  // A 2xx answer; else throws `failure`.
  http::Response send(http::Request request, std::stop_token stop);

  // Counts the keys seen: what was learnt about the key's owner holds while it stays.
  std::uint64_t key_generation() const { return generation_; }
  const std::string& base_url() const { return base_url_; }

 private:
  http::Client& client_;
  const time::Clock& clock_;
  const std::string base_url_;
  const ApiKey key_;
  const std::string budget_;
  std::atomic<std::uint64_t> generation_{0};
};

// What an answer outside 2xx means. code(): that of the first error ("missing_field"); the message names the fields.
// 404, and 405 (the ticket is deleted or spam): gone. 409: conflict. 429: throttled. 3xx: config. 5xx and 408:
// unreachable for a read, unknown_outcome for a write. Everything else: refused.
Error failure(const http::Request& request, const http::Response& answer, Instant now);

// For http::BudgetClient: X-RateLimit-Remaining and Retry-After.
http::RateNews read_rate(const http::Request& request, const http::Response& answer, Instant now);

}  // namespace supportd::connectors::freshdesk
