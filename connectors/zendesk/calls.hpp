// HTTP as Zendesk speaks it: Basic auth by API token or a bearer token, JSON errors of several shapes.
// https://developer.zendesk.com/api-reference/introduction/security-and-auth/ and .../introduction/requests/
#pragma once

#include <atomic>
#include <functional>
#include <stop_token>
#include <string>

#include "daemon/http/client.hpp"
#include "daemon/time/clock.hpp"

namespace supportd::connectors::zendesk {

// The API token, or the OAuth access token. `refused`: the one that Zendesk did not take (empty: the first time of
// asking), to be fetched anew; the same one again is not tried again.
using Token = std::function<std::string(const std::string& refused)>;

// One of the limits that Zendesk sets beside the account's own.
enum class Family { other, update, incremental };

class Calls {
 public:
  // `base_url`: "https://acme.zendesk.com". `email`: whose API token it is; empty: an OAuth token. `budget`: the
  // account's; families draw on "<budget>/update" and "<budget>/incremental", whose parent it is. Empty: none.
  Calls(http::Client& client, const time::Clock& clock, std::string base_url, std::string email, Token token,
        std::string budget);

  struct Options {
    Family family = Family::other;
    bool safe = false;
    Millis deadline{30'000};
    std::size_t answer_limit = 16 * 1024 * 1024;
    http::Priority priority = http::Priority::normal;
  };

  // `path`: "/tickets/7?include=x", below /api/v2.
  http::Request request(std::string method, const std::string& path, const char* operation, const Options& options);
  // Any answer but 401, which asks for the token anew once and then throws Error{config, "credentials"}: an operator
  // must act, and no effect may die of it meanwhile.
  http::Response exchange(http::Request request, std::stop_token stop);
  // A 2xx answer; else throws `failure`.
  http::Response send(http::Request request, std::stop_token stop);

  // Counts the tokens seen: what was learnt about the token's owner holds while it stays.
  std::uint64_t token_generation() const { return generation_; }
  const std::string& base_url() const { return base_url_; }

 private:
  std::string authorization(const std::string& token) const;

  http::Client& client_;
  const time::Clock& clock_;
  const std::string base_url_;
  const std::string email_;
  const Token token_;
  const std::string budget_;
  std::atomic<std::uint64_t> generation_{0};
};

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
