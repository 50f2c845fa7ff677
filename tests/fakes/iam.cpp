#include "tests/fakes/iam.hpp"

#include "tests/fakes/random.hpp"

namespace supportd::fakes {

std::string Iam::letters(std::string_view purpose, std::size_t count) {
  static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  Random random(seed_for(seed_, purpose) + issued_);
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += alphabet[random.below(alphabet.size())];
  return out;
}

AwsKey Iam::add_user(const std::string& account, const std::string& name, std::string access_key_id,
                     std::string secret) {
  std::lock_guard lock(mutex_);
  ++issued_;
  AwsKey key{.access_key_id = access_key_id.empty() ? "AKIA" + letters("user key", 16) : std::move(access_key_id),
             .secret = secret.empty() ? letters("user secret", 40) : std::move(secret),
             .session_token = "",
             .account = account,
             .arn = "arn:aws:iam::" + account + ":user/" + name,
             .name = name};
  keys_[key.access_key_id] = key;
  return key;
}

std::string Iam::add_role(const std::string& account, const std::string& name, const std::string& external_id,
                          std::vector<std::string> trusted_arns) {
  std::lock_guard lock(mutex_);
  Role role{.arn = "arn:aws:iam::" + account + ":role/" + name,
            .account = account,
            .name = name,
            .external_id = external_id,
            .trusted_arns = std::move(trusted_arns)};
  roles_[role.arn] = role;
  return role.arn;
}

std::optional<AwsKey> Iam::find(const std::string& access_key_id) const {
  std::lock_guard lock(mutex_);
  const auto found = keys_.find(access_key_id);
  if (found == keys_.end()) return {};
  return found->second;
}

std::optional<Role> Iam::role(const std::string& arn) const {
  std::lock_guard lock(mutex_);
  const auto found = roles_.find(arn);
  if (found == roles_.end()) return {};
  return found->second;
}

AwsKey Iam::open_session(const Role& role, const std::string& session_name, Instant expires) {
  std::lock_guard lock(mutex_);
  ++issued_;
  AwsKey key{.access_key_id = "ASIA" + letters("session key", 16),
             .secret = letters("session secret", 40),
             .session_token = "FwoGZXIvYXdz" + letters("session token", 120) + "==",
             .account = role.account,
             .arn = "arn:aws:sts::" + role.account + ":assumed-role/" + role.name + "/" + session_name,
             .name = role.name,
             .expires = expires};
  keys_[key.access_key_id] = key;
  return key;
}

void Iam::revoke(const std::string& account) {
  std::lock_guard lock(mutex_);
  std::erase_if(keys_, [&](const auto& entry) { return entry.second.account == account; });
}

}  // namespace supportd::fakes
