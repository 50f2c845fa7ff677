#include "connectors/aws/secrets_manager.hpp"

#include <algorithm>
#include <array>

#include "daemon/digest.hpp"

namespace supportd::connectors::aws {
namespace {

std::string value_of(const json::View& answer, const std::string& id) {
  if (const auto text = answer.find("SecretString")) return text->string();
  auto bytes = digest::parse_base64(answer.at("SecretBinary").string());
  if (bytes.has_error()) throw Error(ErrorKind::corrupt, "secret " + id + ": " + bytes.error().what);
  return std::move(*bytes);
}

// These will not go away by themselves, but must not count as the vendor's "no" either.
bool is_for_the_operator(const Error& error) {
  static constexpr std::array codes{"ResourceNotFoundException", "InvalidParameterException", "InvalidRequestException",
                                    "DecryptionFailure"};
  if (error.kind() == ErrorKind::config) return true;
  return error.kind() == ErrorKind::refused && std::ranges::find(codes, error.code()) != codes.end();
}

}  // namespace

std::string SecretsManager::get(const std::string& id, const std::string& key, std::stop_token stop) {
  std::string text = whole(id, stop);
  if (key.empty()) return text;
  try {
    const auto document = json::Document::parse(text, "the secret");
    return document.root().at(key).string();
  } catch (const Error& error) {
    throw Error(ErrorKind::config, "secret " + id + ", key " + key + ": " + error.what());
  }
}

std::string SecretsManager::whole(const std::string& id, std::stop_token stop) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto at = kept_.find(id); at != kept_.end()) return at->second;
  }
  CallOptions options;
  options.safe = true;
  options.operation = "get_secret_value";
  options.answer_limit = 256 * 1024;  // a secret has at most 64 KiB
  json::Writer body;
  body.object([&] { body.member("SecretId", id); });
  try {
    std::string value = client_.call("GetSecretValue", body.take(), options, stop,
                                     [&](const json::View& root) { return value_of(root, id); });
    const std::lock_guard lock(mutex_);
    return kept_[id] = std::move(value);
  } catch (const Error& error) {
    if (!is_for_the_operator(error)) throw;
    throw Error(ErrorKind::config, error.code(), "secret " + id + ": " + error.what(), {});
  }
}

void SecretsManager::forget_all() {
  const std::lock_guard lock(mutex_);
  kept_.clear();
}

void SecretsManager::forget(const std::string& value) {
  const std::lock_guard lock(mutex_);
  std::erase_if(kept_, [&](const auto& kept) { return kept.second.find(value) != std::string::npos; });
}

}  // namespace supportd::connectors::aws
