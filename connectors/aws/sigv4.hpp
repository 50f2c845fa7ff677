// AWS Signature Version 4: header and presigned-query form. Our own because libcurl's signer cannot correct a skewed
// clock and signs headers that it then removes.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
#pragma once

#include <string>
#include <string_view>

#include "connectors/aws/credentials.hpp"
#include "daemon/http/client.hpp"

namespace supportd::connectors::aws {

struct Scope {
  std::string region;   // "us-east-1"
  std::string service;  // the signing name: "support", "sts", "secretsmanager"
};

// What is signed, as it goes over the wire. `headers` must name Host.
struct SigningInput {
  std::string method;
  std::string path = "/";
  std::string query;  // without '?'
  http::Headers headers;
  std::string_view body;
};

struct SigningOptions {
  bool normalize_path = true;      // "/a/../b//c" is signed as "/b/c"; S3 alone wants it off
  bool sign_session_token = true;  // false: the token is added after signing (a few old services)
  bool send_body_hash = false;     // adds x-amz-content-sha256 (header form)
};

struct Signature {
  std::string canonical_request;
  std::string string_to_sign;
  std::string signature;  // hex
  http::Headers headers;  // header form: what to set on the request, Authorization last
  std::string query;      // query form: the whole query of the presigned URL
};

Signature sign_headers(const SigningInput& input, const Credentials& credentials, const Scope& scope, Instant now,
                       const SigningOptions& options = {});
Signature sign_query(const SigningInput& input, const Credentials& credentials, const Scope& scope, Instant now,
                     std::chrono::seconds expires, const SigningOptions& options = {});

// Sets Host, X-Amz-Date, X-Amz-Security-Token and Authorization on a request that is complete otherwise.
void sign(http::Request& request, const Credentials& credentials, const Scope& scope, Instant now);

}  // namespace supportd::connectors::aws
