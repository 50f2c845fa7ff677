// Checks AWS Signature Version 4 as the far side does, written from the specification and apart from the client's
// signer (docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html).
#pragma once

#include <string>
#include <variant>

#include "daemon/http/client.hpp"
#include "tests/fakes/iam.hpp"

namespace supportd::fakes {

struct AuthFailure {
  std::string code;  // "InvalidSignatureException"
  std::string message;
};

struct SigningScope {
  std::string region;
  std::string service;
};

// The caller, or why it is refused: no or broken Authorization, another region or service, an unknown key, a wrong or
// expired session token, a clock over five minutes off, a header that matters left unsigned, any byte changed.
std::variant<AwsKey, AuthFailure> verify_sigv4(const http::Request& request, const SigningScope& scope, const Iam& iam,
                                               Instant now);

}  // namespace supportd::fakes
