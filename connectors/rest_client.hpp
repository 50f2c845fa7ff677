// HTTP to a vendor's REST API in the name of one account: where it is, who asks, and which limits a call draws on.
#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "daemon/config/secret.hpp"
#include "daemon/http/json_answer.hpp"
#include "daemon/time/clock.hpp"

namespace supportd::connectors {

// An API key or token. `refused`: the one that the vendor did not take (empty: the first time of asking), to be fetched
// anew; the same one again is not tried again, since too many wrong ones lock an account.
using FetchSecret = std::function<std::string(const std::string& refused)>;

// `forget`: told the secret that was refused, before it is read anew; may be empty.
FetchSecret fetch_secret(config::Secret secret, config::AwsSecrets aws, std::function<void(const std::string&)> forget);

// A secret that is read when it is first needed, and then kept: the one of a webhook. Thread-safe.
class KeptSecret {
 public:
  // `read` may be empty: there is none.
  explicit KeptSecret(std::function<std::string()> read = {}) : read_(std::move(read)) {}
  std::string get() const;

 private:
  const std::function<std::string()> read_;
  mutable std::mutex mutex_;
  mutable std::optional<std::string> known_;  // guarded
};

// When the far side answered, by its own clock.
std::optional<Instant> date_of(const http::Response& answer);

class RestClient {
 public:
  struct Account {
    std::string system;    // "freshdesk"
    std::string base_url;  // "https://acme.freshdesk.com"
    std::string budget;    // empty: none
    FetchSecret secret;
    std::function<std::string(const std::string& secret)> authorization;  // the header's value
    // What an answer outside 2xx means.
    Error (*failure)(const http::Request&, const http::Response&, Instant);
  };

  struct Options {
    const char* family = "";  // "/list": one of the limits beside the account's own, a budget below the account's
    bool safe = false;
    Millis deadline{30'000};
    std::size_t answer_limit = 16 * 1024 * 1024;
    http::Priority priority = http::Priority::normal;
    std::optional<Millis> max_wait{};  // for the budget; empty: as long as the deadline
  };
  // Of writes: who finds the budget used up that long asks again later.
  static constexpr Millis most_wait{30'000};

  // Borrows both.
  RestClient(http::Client& client, const time::Clock& clock, Account account);

  // The name of the budget that requests of these options draw on; empty: none.
  std::string budget(const Options& options) const;
  // `path`: "/tickets/7?include=x", below /api/v2.
  http::Request request(std::string method, const std::string& path, const char* operation,
                        const Options& options) const;
  // Any answer but 401, which asks for the secret anew once and then throws Error{config, "credentials"}: an operator
  // must act, and no effect may die of it meanwhile.
  http::Response exchange(http::Request request, std::stop_token stop);
  // A 2xx answer; else throws what `failure` says.
  http::Response send(http::Request request, std::stop_token stop);
  // As http::read_json.
  template <class Read>
  auto read(const http::Request& request, const http::Response& answer, const std::string& what, Read&& read) {
    return http::read_json(client_, request, answer, what, std::forward<Read>(read));
  }
  // Of a 2xx answer.
  template <class Read>
  auto read(const http::Request& request, std::stop_token stop, const std::string& what, Read&& read) {
    return this->read(request, send(request, std::move(stop)), what, std::forward<Read>(read));
  }

  // An attachment, from wherever its link leads. Our secret goes only to the account's own host; http only when that is
  // http itself. At most three redirects. Throws Error{refused, "too_large"} over `limit` bytes, gone when the link no
  // longer works, corrupt when it is none.
  std::string download(const std::string& url, std::size_t limit, Millis deadline, std::stop_token stop);

  // Counts the secrets seen: what was learnt about the secret's owner holds while it stays.
  std::uint64_t secret_generation() const { return generation_; }

 private:
  http::Response fetch(const std::string& url, std::size_t limit, Millis deadline, std::stop_token stop);

  http::Client& client_;
  const time::Clock& clock_;
  const Account account_;
  std::atomic<std::uint64_t> generation_{0};
};

}  // namespace supportd::connectors
