// AWS keys, and where they come from. Providers are thread-safe; secrets never appear in an error.
#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>

#include "daemon/time/instant.hpp"

namespace supportd::connectors::aws {

struct Credentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token;       // empty for long-lived keys
  std::optional<Instant> expires;  // none: does not expire
};

class CredentialsProvider {
 public:
  virtual ~CredentialsProvider() = default;
  // Keys that are good now. Throws Error{config} when there are none to be had, unreachable or refused by the source.
  virtual Credentials get(std::stop_token stop) = 0;
  // AWS says that these keys are expired: they are not to be given again.
  virtual void expire(const Credentials& /*used*/) {}
  // Where they come from may have changed: asks there again soon, and keeps the old ones if that fails.
  virtual void read_again() {}
};

// The text of a named secret: a file, a systemd credential. Throws Error{config} when there is none.
using SecretText = std::function<std::string(const std::string& name)>;
// The value of an environment variable; none when unset or empty.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;
// A file's text; none when there is no such file. Throws Error{config} when it cannot be read.
using FileText = std::function<std::optional<std::string>(const std::string& path)>;

// Keys from secrets that are read anew on every call, so that a rotated file is seen.
class StaticProvider final : public CredentialsProvider {
 public:
  // `session_token` may be empty: none.
  StaticProvider(SecretText secrets, std::string access_key, std::string secret_key, std::string session_token);
  Credentials get(std::stop_token stop) override;

 private:
  const SecretText secrets_;
  const std::string access_key_, secret_key_, session_token_;
};

// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN.
class EnvironmentProvider final : public CredentialsProvider {
 public:
  explicit EnvironmentProvider(Environment environment) : environment_(std::move(environment)) {}
  Credentials get(std::stop_token stop) override;

 private:
  const Environment environment_;
};

// The process's own environment and files.
Environment process_environment();
FileText local_files();

}  // namespace supportd::connectors::aws
