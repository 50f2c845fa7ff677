#include "connectors/aws/credentials.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "daemon/error.hpp"

namespace supportd::connectors::aws {
namespace {

// Secret files are written by people and tools that end them with a line end.
std::string without_line_end(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

}  // namespace

StaticProvider::StaticProvider(SecretText secrets, std::string access_key, std::string secret_key,
                               std::string session_token)
    : secrets_(std::move(secrets)),
      access_key_(std::move(access_key)),
      secret_key_(std::move(secret_key)),
      session_token_(std::move(session_token)) {}

Credentials StaticProvider::get(std::stop_token) {
  Credentials out;
  out.access_key = without_line_end(secrets_(access_key_));
  out.secret_key = without_line_end(secrets_(secret_key_));
  if (!session_token_.empty()) out.session_token = without_line_end(secrets_(session_token_));
  if (out.access_key.empty()) throw Error(ErrorKind::config, "the AWS access key secret " + access_key_ + " is empty");
  if (out.secret_key.empty()) throw Error(ErrorKind::config, "the AWS secret key secret " + secret_key_ + " is empty");
  return out;
}

Credentials EnvironmentProvider::get(std::stop_token) {
  const auto access_key = environment_("AWS_ACCESS_KEY_ID");
  const auto secret_key = environment_("AWS_SECRET_ACCESS_KEY");
  if (!access_key || !secret_key) {
    throw Error(ErrorKind::config,
                std::string("the environment has no ") + (access_key ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID"));
  }
  return {*access_key, *secret_key, environment_("AWS_SESSION_TOKEN").value_or(""), {}};
}

Environment process_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr || *value == '\0') return {};
    return value;
  };
}

FileText local_files() {
  return [](const std::string& path) -> std::optional<std::string> {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) {
      if (errno == ENOENT || errno == ENOTDIR) return {};
      throw Error(ErrorKind::config, "cannot read " + path + ": " + std::strerror(errno));
    }
    std::ostringstream text;
    text << file.rdbuf();
    return std::move(text).str();
  };
}

}  // namespace supportd::connectors::aws
