// Keys that expire, renewed ahead of their end by whoever asks first (single flight).
// Windows as botocore's: advisory 15 min, mandatory 10 min before expiry.
#pragma once

#include <mutex>
#include <string>

#include "connectors/aws/credentials.hpp"
#include "daemon/error.hpp"
#include "daemon/time/clock.hpp"

namespace supportd::connectors::aws {

class RefreshingProvider final : public CredentialsProvider {
 public:
  using Fetch = std::function<Credentials(std::stop_token)>;

  // `name` for errors: "arn:aws:iam::111122223333:role/supportd".
  RefreshingProvider(time::Clock& clock, std::string name, Fetch fetch)
      : clock_(clock), name_(std::move(name)), fetch_(std::move(fetch)) {}

  // In the advisory window one caller renews and the others go on with the old keys, also if renewing fails; in the
  // mandatory window all wait for the one, and share its failure. Sessions shorter than an hour have windows of a
  // third and a sixth of their length.
  Credentials get(std::stop_token stop) override;
  void expire(const Credentials& used) override;
  void read_again() override;

 private:
  enum class Freshness { fresh, advisory, mandatory };
  Freshness freshness(Instant now) const;  // REQUIRES mutex_ held
  Credentials renew(std::unique_lock<std::mutex>& lock, std::stop_token stop);

  time::Clock& clock_;
  const std::string name_;
  const Fetch fetch_;

  std::mutex mutex_;
  time::Bell landed_;
  std::optional<Credentials> held_;
  Instant obtained_{};
  Instant not_before_{};  // no advisory renewal earlier than this, after one failed
  bool stale_ = false;    // read_again() was called, and nothing was read since
  bool in_flight_ = false;
  std::uint64_t flights_ = 0;     // landed so far
  std::optional<Error> failure_;  // of the last flight
};

}  // namespace supportd::connectors::aws
