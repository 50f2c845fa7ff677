#include "connectors/aws/json_credentials.hpp"

#include "daemon/json.hpp"

namespace supportd::connectors::aws {
namespace {

void check_envelope(const json::View& root, JsonCredentials shape) {
  switch (shape) {
    case JsonCredentials::imds: {
      const std::string code = root.string("Code", "Success");
      if (code != "Success") throw Error(ErrorKind::config, "instance metadata answers " + code);
      return;
    }
    case JsonCredentials::process: {
      const std::int64_t version = root.at("Version").integer();
      if (version != 1) {
        throw Error(ErrorKind::config, "credential_process: Version " + std::to_string(version) + " is not known");
      }
      return;
    }
  }
}

}  // namespace

Credentials parse_json_credentials(std::string_view text, JsonCredentials shape) {
  const bool process = shape == JsonCredentials::process;
  const auto document = json::Document::parse(text, process ? "credential_process output" : "instance metadata");
  const json::View root = document.root();
  check_envelope(root, shape);
  Credentials out;
  out.access_key = root.at("AccessKeyId").string();
  out.secret_key = root.at("SecretAccessKey").string();
  out.session_token = process ? root.string("SessionToken", "") : root.at("Token").string();
  if (out.access_key.empty()) throw Error(ErrorKind::corrupt, "/AccessKeyId: empty");
  if (out.secret_key.empty()) throw Error(ErrorKind::corrupt, "/SecretAccessKey: empty");
  const auto expiration = root.find("Expiration");
  if (!expiration && !process) throw Error(ErrorKind::corrupt, "/Expiration: missing");
  if (expiration) {
    const auto at = time::parse_instant(expiration->string());
    if (at.has_error()) throw Error(ErrorKind::corrupt, "/Expiration: " + at.error().what);
    out.expires = *at;
  }
  return out;
}

}  // namespace supportd::connectors::aws
