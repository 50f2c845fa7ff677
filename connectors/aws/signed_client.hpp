// Signs and sends requests to one AWS endpoint. A request that AWS refused for the clock or for expired keys is signed
// anew and sent once more; nothing else is repeated here.
#pragma once

#include <atomic>
#include <stop_token>

#include "connectors/aws/credentials.hpp"
#include "connectors/aws/errors.hpp"
#include "connectors/aws/sigv4.hpp"
#include "daemon/http/client.hpp"
#include "daemon/time/clock.hpp"

namespace supportd::connectors::aws {

// Where a service listens. Shared by all accounts that call it, so that a skewed clock is learnt once. Thread-safe.
class Endpoint {
 public:
  Endpoint(std::string url, Scope scope) : url_(std::move(url)), scope_(std::move(scope)) {}

  const std::string& url() const { return url_; }  // "https://support.us-east-1.amazonaws.com"
  const Scope& scope() const { return scope_; }
  // The service's clock minus ours.
  Millis skew() const { return Millis{skew_.load(std::memory_order_relaxed)}; }
  void set_skew(Millis skew) { skew_.store(skew.count(), std::memory_order_relaxed); }

 private:
  const std::string url_;
  const Scope scope_;
  std::atomic<std::int64_t> skew_{0};
};

class SignedClient {
 public:
  using ErrorParser = ServiceError (*)(const http::Response&);

  SignedClient(http::Client& client, time::Clock& clock, Endpoint& endpoint, CredentialsProvider& credentials,
               ErrorParser parse_error)
      : client_(client), clock_(clock), endpoint_(endpoint), credentials_(credentials), parse_error_(parse_error) {}

  // A 2xx answer; anything else throws as errors.hpp says. `request.url` and the signature are set here.
  http::Response send(http::Request request, std::stop_token stop);

 private:
  http::Response exchange(const http::Request& request, std::stop_token stop);
  bool corrected(const http::Response& answer, Millis skew_used);

  http::Client& client_;
  time::Clock& clock_;
  Endpoint& endpoint_;
  CredentialsProvider& credentials_;
  const ErrorParser parse_error_;
};

}  // namespace supportd::connectors::aws
