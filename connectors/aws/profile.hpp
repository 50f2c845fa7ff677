// The shared files that the AWS CLI and SDKs use: ~/.aws/credentials and ~/.aws/config.
// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
#pragma once

#include <map>
#include <set>
#include <string>

#include "connectors/aws/credentials.hpp"
#include "connectors/aws/process.hpp"
#include "connectors/aws/sts.hpp"

namespace supportd::connectors::aws {

using ProfileKeys = std::map<std::string, std::string>;  // names in lower case
using Profiles = std::map<std::string, ProfileKeys>;     // by profile name

enum class ProfileFile {
  credentials,  // [name]
  config,       // [profile name], [default]; other kinds of section are skipped
};
// Comments are whole lines or follow white space and '#' or ';'. Indented lines (settings of settings) are skipped.
Parsed<Profiles> parse_profiles(std::string_view text, ProfileFile file);

struct ProfilePaths {
  std::string credentials, config;
};
// AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE, or the two files in $HOME/.aws.
ProfilePaths default_profile_paths(const Environment& environment);

// Resolves one profile: role_arn with source_profile (followed through any number of profiles), else static keys,
// else credential_process. Reads the files on every fetch. Thread-safe.
class ProfileSource {
 public:
  ProfileSource(std::string profile, ProfilePaths paths, FileText files, RunProcess run, Sts& sts);
  // Throws Error{config} naming profile and key; what Sts and the process throw passes.
  Credentials fetch(std::stop_token stop);

 private:
  Profiles read() const;
  Credentials resolve(const Profiles& profiles, const std::string& name, std::set<std::string>& seen,
                      std::stop_token stop);
  Credentials assume(const Profiles& profiles, const std::string& name, const ProfileKeys& keys,
                     std::set<std::string>& seen, std::stop_token stop);

  const std::string profile_;
  const ProfilePaths paths_;
  const FileText files_;
  const RunProcess run_;
  Sts& sts_;
};

}  // namespace supportd::connectors::aws
