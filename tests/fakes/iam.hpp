// Who may call AWS: access keys of users, roles that can be assumed, the sessions that STS hands out. Shared by
// the AWS fakes. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "daemon/time/instant.hpp"

namespace supportd::fakes {

struct AwsKey {
  std::string access_key_id;
  std::string secret;
  std::string session_token;  // empty: a user's key
  std::string account;        // twelve digits
  std::string arn;
  std::string name;  // "SupportdRole", as Support shows it in submittedBy
  Instant expires = time::never;
};

struct Role {
  std::string arn;
  std::string account;
  std::string name;
  std::string external_id;  // empty: none asked for
  std::vector<std::string> trusted_arns;
  std::chrono::seconds longest{3600};  // MaxSessionDuration
};

class Iam {
 public:
  explicit Iam(std::uint64_t seed = 1) : seed_(seed) {}

  // A user's key. With no id and secret given they follow from the seed.
  AwsKey add_user(const std::string& account, const std::string& name, std::string access_key_id = "",
                  std::string secret = "");
  // The role's ARN: arn:aws:iam::<account>:role/<name>.
  std::string add_role(const std::string& account, const std::string& name, const std::string& external_id,
                       std::vector<std::string> trusted_arns);

  std::optional<AwsKey> find(const std::string& access_key_id) const;
  std::optional<Role> role(const std::string& arn) const;
  AwsKey open_session(const Role& role, const std::string& session_name, Instant expires);
  // Every session and key of the account stops working.
  void revoke(const std::string& account);

 private:
  std::string letters(std::string_view purpose, std::size_t count);

  const std::uint64_t seed_;
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::map<std::string, AwsKey> keys_;
  std::map<std::string, Role> roles_;
  std::uint64_t issued_ = 0;
};

}  // namespace supportd::fakes
