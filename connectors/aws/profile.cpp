#include "connectors/aws/profile.hpp"

#include <charconv>

#include "connectors/aws/json_credentials.hpp"
#include "daemon/error.hpp"

namespace supportd::connectors::aws {
namespace {

constexpr std::string_view space = " \t\r";

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(space);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(space) - from + 1);
}

std::string_view without_comment(std::string_view text) {
  for (std::size_t i = 1; i < text.size(); ++i) {
    if ((text[i] == '#' || text[i] == ';') && space.find(text[i - 1]) != std::string_view::npos) {
      return trimmed(text.substr(0, i));
    }
  }
  return trimmed(text);
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string_view unquoted(std::string_view name) {
  if (name.size() >= 2 && (name.front() == '"' || name.front() == '\'') && name.back() == name.front()) {
    return name.substr(1, name.size() - 2);
  }
  return name;
}

// The profile that a section header names; none when the section is of another kind ("sso-session x").
std::optional<std::string> profile_of(std::string_view header, ProfileFile file) {
  header = trimmed(header);
  if (file == ProfileFile::credentials || header == "default") return std::string(header);
  constexpr std::string_view word = "profile";
  if (!header.starts_with(word) || header.size() == word.size() ||
      space.find(header[word.size()]) == std::string_view::npos) {
    return {};
  }
  return std::string(unquoted(trimmed(header.substr(word.size()))));
}

std::optional<std::string> find(const ProfileKeys& keys, const std::string& name) {
  const auto at = keys.find(name);
  if (at == keys.end() || at->second.empty()) return {};
  return at->second;
}

class FixedProvider final : public CredentialsProvider {
 public:
  explicit FixedProvider(Credentials keys) : keys_(std::move(keys)) {}
  Credentials get(std::stop_token) override { return keys_; }

 private:
  const Credentials keys_;
};

}  // namespace

Parsed<Profiles> parse_profiles(std::string_view text, ProfileFile file) {
  Profiles out;
  ProfileKeys* section = nullptr;
  bool any_section = false;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const auto wrong = [&](const std::string& what) { return Mistake{"line " + std::to_string(number) + ": " + what}; };
    const std::string_view content = trimmed(line);
    if (content.empty() || content.front() == '#' || content.front() == ';') continue;
    if (content.front() == '[') {
      const std::size_t end = content.find(']');
      if (end == std::string_view::npos) return wrong("a section header has no ']'");
      const auto name = profile_of(content.substr(1, end - 1), file);
      section = name ? &out[*name] : nullptr;
      any_section = true;
      continue;
    }
    if (!any_section) return wrong("a setting before the first section");
    if (space.find(line.front()) != std::string_view::npos) continue;
    const std::size_t equals = content.find('=');
    if (equals == std::string_view::npos) return wrong("expected 'name = value'");
    if (section != nullptr) {
      (*section)[lower(trimmed(content.substr(0, equals)))] =
          std::string(without_comment(" " + std::string(content.substr(equals + 1))));
    }
  }
  return out;
}

ProfilePaths default_profile_paths(const Environment& environment) {
  const std::string folder = environment("HOME").value_or("") + "/.aws/";
  return {environment("AWS_SHARED_CREDENTIALS_FILE").value_or(folder + "credentials"),
          environment("AWS_CONFIG_FILE").value_or(folder + "config")};
}

ProfileSource::ProfileSource(std::string profile, ProfilePaths paths, FileText files, RunProcess run, Sts& sts)
    : profile_(std::move(profile)),
      paths_(std::move(paths)),
      files_(std::move(files)),
      run_(std::move(run)),
      sts_(sts) {}

Profiles ProfileSource::read() const {
  Profiles out;
  const auto add = [&](const std::string& path, ProfileFile file) {
    const auto text = files_(path);
    if (!text) return;
    const auto profiles = parse_profiles(*text, file);
    if (profiles.has_error()) throw Error(ErrorKind::config, path + ": " + profiles.error().what);
    for (const auto& [name, keys] : *profiles) {
      for (const auto& [key, value] : keys) out[name][key] = value;
    }
  };
  add(paths_.config, ProfileFile::config);
  add(paths_.credentials, ProfileFile::credentials);  // has the last word
  return out;
}

Credentials ProfileSource::fetch(std::stop_token stop) {
  std::set<std::string> seen;
  return resolve(read(), profile_, seen, stop);
}

Credentials ProfileSource::resolve(const Profiles& profiles, const std::string& name, std::set<std::string>& seen,
                                   std::stop_token stop) {
  const auto at = profiles.find(name);
  if (at == profiles.end()) {
    throw Error(ErrorKind::config, "no AWS profile '" + name + "' in " + paths_.credentials + " or " + paths_.config);
  }
  const ProfileKeys& keys = at->second;
  // A profile may be its own source: its role is assumed with its own static keys.
  const bool again = !seen.insert(name).second;
  if (find(keys, "role_arn") && !again) return assume(profiles, name, keys, seen, stop);
  const auto access_key = find(keys, "aws_access_key_id"), secret_key = find(keys, "aws_secret_access_key");
  if (access_key && secret_key) {
    return {*access_key, *secret_key, find(keys, "aws_session_token").value_or(""), {}};
  }
  if (again) throw Error(ErrorKind::config, "AWS profile '" + name + "': source_profile leads back to itself");
  if (const auto command = find(keys, "credential_process")) {
    return parse_json_credentials(run_(*command, stop), JsonCredentials::process);
  }
  throw Error(ErrorKind::config, "AWS profile '" + name +
                                     "' has no role_arn, no credential_process, and not both of aws_access_key_id and "
                                     "aws_secret_access_key");
}

Credentials ProfileSource::assume(const Profiles& profiles, const std::string& name, const ProfileKeys& keys,
                                  std::set<std::string>& seen, std::stop_token stop) {
  const auto source = find(keys, "source_profile");
  if (!source) {
    throw Error(ErrorKind::config, "AWS profile '" + name + "' has a role_arn but no source_profile");
  }
  Role role;
  role.arn = *find(keys, "role_arn");
  role.external_id = find(keys, "external_id").value_or("");
  role.session_name = find(keys, "role_session_name").value_or("supportd");
  if (const auto text = find(keys, "duration_seconds")) {
    int length = 0;
    const auto [end, wrong] = std::from_chars(text->data(), text->data() + text->size(), length);
    if (wrong != std::errc{} || end != text->data() + text->size()) {
      throw Error(ErrorKind::config, "AWS profile '" + name + "': duration_seconds '" + *text + "' is no number");
    }
    role.length = std::chrono::seconds(length);
  }
  FixedProvider base(resolve(profiles, *source, seen, stop));
  return sts_.assume(role, base, stop);
}

}  // namespace supportd::connectors::aws
