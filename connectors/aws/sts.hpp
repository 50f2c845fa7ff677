// AssumeRole, for the many customer accounts behind one set of keys.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "connectors/aws/refreshing.hpp"
#include "connectors/aws/signed_client.hpp"

namespace supportd::connectors::aws {

struct Role {
  std::string arn;                    // 20 to 2048 characters
  std::string external_id;            // 2 to 1224 of [\w+=,.@:/-]; empty: none
  std::string session_name;           // 2 to 64 of [\w+=,.@-]; shows in the customer's CloudTrail and as `submittedBy`
  std::chrono::seconds length{3600};  // 900 to 43200; at most an hour when the base keys are a role's themselves

  friend bool operator==(const Role&, const Role&) = default;
};

// What is wrong with the role, before AWS says so; none when it is well formed.
std::optional<std::string> flaw(const Role& role);
// The 12 digits in arn:aws:iam::111122223333:role/Desk; empty when it is no role's.
std::string account_of_role(const std::string& arn);

// Thread-safe.
class Sts {
 public:
  Sts(http::Client& client, time::Clock& clock, Endpoint& endpoint)
      : client_(client), clock_(clock), endpoint_(endpoint) {}

  // Throws Error{config}: "AccessDenied" when the role does not trust us, or when `role` is malformed.
  Credentials assume(const Role& role, CredentialsProvider& base, std::stop_token stop);

 private:
  http::Client& client_;
  time::Clock& clock_;
  Endpoint& endpoint_;
};

// The four elements of AssumeRoleResponse. Throws Error{corrupt}.
Credentials parse_assume_role(std::string_view xml);

// One refreshing provider for each role, kept for the life of the book. Thread-safe.
class RoleBook {
 public:
  RoleBook(Sts& sts, time::Clock& clock, CredentialsProvider& base) : sts_(sts), clock_(clock), base_(base) {}
  CredentialsProvider& provider(const Role& role);

 private:
  struct Entry {
    Role role;
    std::unique_ptr<RefreshingProvider> provider;
  };
  Sts& sts_;
  time::Clock& clock_;
  CredentialsProvider& base_;
  std::mutex mutex_;
  std::multimap<std::string, Entry> entries_;  // by ARN
};

}  // namespace supportd::connectors::aws
