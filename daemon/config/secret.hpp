// A secret is never a value in a configuration file, only the place where one lies:
//   { file = "/etc/supportd/key" }            { credential = "name" }   (systemd: $CREDENTIALS_DIRECTORY/name)
//   { aws_secret = "name-or-arn", key = "k" } (AWS Secrets Manager; `key` picks a member of a JSON secret)
#pragma once

#include <filesystem>
#include <functional>
#include <iosfwd>
#include <string>

#include "daemon/config/codec.hpp"

namespace supportd::config {

// Fetches from AWS Secrets Manager: (name or ARN, key; empty: the whole secret). Throws Error.
using AwsSecrets = std::function<std::string(const std::string& id, const std::string& key)>;

class Secret {
 public:
  Secret() = default;  // none is given
  static Secret file(std::filesystem::path path) { return {Source::file, path.string(), ""}; }
  static Secret credential(std::string name) { return {Source::credential, std::move(name), ""}; }
  static Secret aws(std::string id, std::string key = "") { return {Source::aws, std::move(id), std::move(key)}; }

  bool given() const { return source_ != Source::none; }
  // The value as it is now, read anew each time because files rotate; one newline at the end is dropped.
  // Throws Error{config} when there is none, or it is empty, or nobody fetches AWS secrets here.
  std::string reveal(const AwsSecrets& aws = {}) const;
  // What an operator should know before it is needed: the file is missing, or everybody may read it.
  Complaint concern() const;
  // "file /etc/supportd/key", "credential desk", "AWS secret desk, key token"
  std::string source() const;

  friend bool operator==(const Secret&, const Secret&) = default;

 private:
  enum class Source { none, file, credential, aws };
  Secret(Source source, std::string name, std::string key)
      : source_(source), name_(std::move(name)), key_(std::move(key)) {}
  std::filesystem::path path() const;

  Source source_ = Source::none;
  std::string name_;
  std::string key_;
};

// Always "***".
std::ostream& operator<<(std::ostream& out, const Secret& secret);

// The codec of a secret.
struct SecretForm {
  Complaint read(const Node& node, Secret& secret) const;
  Node write(const Secret& secret) const;
};

}  // namespace supportd::config
