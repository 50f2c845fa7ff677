#include "daemon/config/secret.hpp"

#include <algorithm>
#include <cstdlib>
#include <ostream>

#include "daemon/config/file.hpp"
#include "daemon/error.hpp"

namespace supportd::config {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_secret = 64 * 1024;  // as many bytes as AWS Secrets Manager allows
constexpr std::string_view forms =
    "write { file = \"...\" }, { credential = \"...\" } or { aws_secret = \"...\", key = \"...\" }";

[[noreturn]] void refuse(const std::string& why) { throw Error(ErrorKind::config, why); }

std::string read_secret(const fs::path& path, const std::string& source) {
  const Parsed<std::string> text = read_file(path, longest_secret);
  if (!text) refuse("secret (" + source + ") cannot be read: " + text.error().what);
  return *text;
}

// systemd passes credentials as files of that name: a path would lead out of its directory.
bool is_credential_name(std::string_view name) {
  return !name.empty() && name.size() <= 255 && name != "." && name != ".." &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > ' ' && c < 0x7f && c != '/' && c != ':'; });
}

// The text under `key`, or what is wrong with it.
Complaint read_member(const Node& node, std::string_view key, std::string& text) {
  const Entry* entry = node.find(key);
  if (entry == nullptr) return {};
  if (Complaint complaint = read_value(entry->node, text)) return key_text(key) + ": " + *complaint;
  if (text.empty()) return key_text(key) + ": must not be empty";
  return {};
}

}  // namespace

fs::path Secret::path() const {
  if (source_ == Source::file) return name_;
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (directory == nullptr) {
    refuse("secret (" + source() + "): $CREDENTIALS_DIRECTORY is not set; add LoadCredential= to the unit");
  }
  return fs::path(directory) / name_;
}

std::string Secret::reveal(const AwsSecrets& aws) const {
  std::string text;
  switch (source_) {
    case Source::none: refuse("no secret is configured");
    case Source::aws:
      if (!aws) refuse("secret (" + source() + "): AWS secrets cannot be fetched here");
      text = aws(name_, key_);
      break;
    case Source::file:
    case Source::credential: text = read_secret(path(), source()); break;
  }
  if (text.ends_with("\r\n")) {
    text.resize(text.size() - 2);
  } else if (text.ends_with('\n')) {
    text.pop_back();
  }
  if (text.empty()) refuse("secret (" + source() + ") is empty");
  return text;
}

Complaint Secret::concern() const {
  if (source_ != Source::file) return {};
  std::error_code error;
  const fs::file_status status = fs::status(name_, error);
  if (!fs::exists(status)) return "file " + name_ + " cannot be found now";
  if ((status.permissions() & fs::perms::others_read) != fs::perms::none) {
    return "file " + name_ + " can be read by everybody; chmod o-rwx it";
  }
  return {};
}

std::string Secret::source() const {
  switch (source_) {
    case Source::none: return "none";
    case Source::file: return "file " + name_;
    case Source::credential: return "credential " + name_;
    case Source::aws: return "AWS secret " + name_ + (key_.empty() ? "" : ", key " + key_);
  }
  return "none";
}

std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }

Complaint SecretForm::read(const Node& node, Secret& secret) const {
  const auto* table = node.get<Node::Table>();
  if (table == nullptr) {
    if (node.get<std::string>() != nullptr) return "a secret must not stand in the file; " + std::string(forms);
    return wrong_kind("the place of a secret", node) + "; " + std::string(forms);
  }
  if (node.find("env") != nullptr) {
    return "a secret in an environment variable is seen by every child process and in /proc; " + std::string(forms);
  }
  std::string file, credential, aws, key;
  for (auto [name, text] : {std::pair{"file", &file}, std::pair{"credential", &credential},
                            std::pair{"aws_secret", &aws}, std::pair{"key", &key}}) {
    if (Complaint complaint = read_member(node, name, *text)) return complaint;
  }
  const auto places = !file.empty() + !credential.empty() + !aws.empty();
  if (places != 1 || table->size() != (key.empty() ? 1u : 2u) || (!key.empty() && aws.empty())) {
    return "a secret has exactly one place; " + std::string(forms);
  }
  if (!credential.empty()) {
    if (!is_credential_name(credential)) return "credential: expected a file name without a folder";
    secret = Secret::credential(credential);
  } else if (!file.empty()) {
    if (!fs::path(file).is_absolute()) return "file: expected an absolute path";
    secret = Secret::file(file);
  } else {
    secret = Secret::aws(aws, key);
  }
  return {};
}

Node SecretForm::write(const Secret& secret) const {
  if (!secret.given()) return {};
  return {Redacted{secret.source()}, {}};
}

}  // namespace supportd::config
