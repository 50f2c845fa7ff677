// The keys of the EC2 instance's own role, by IMDSv2.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
#pragma once

#include <string>

#include "connectors/aws/credentials.hpp"
#include "daemon/http/client.hpp"

namespace supportd::connectors::aws {

// `direct` goes through no proxy: a proxy would answer with its own instance's keys. It follows no redirects.
class Imds {
 public:
  explicit Imds(http::Client& direct, std::string endpoint = "http://169.254.169.254")
      : direct_(direct), endpoint_(std::move(endpoint)) {}

  // Throws Error{unreachable} outside EC2 or where the hop limit keeps containers out, config when the instance has
  // no role.
  Credentials fetch(std::stop_token stop);

 private:
  std::string get(const std::string& path, const std::string& token, std::stop_token stop);

  http::Client& direct_;
  const std::string endpoint_;
};

}  // namespace supportd::connectors::aws
