// A signed AWS request as a test makes it, with the project's own signer: JSON 1.1, or a form when `target` is empty.
#pragma once

#include "connectors/aws/sigv4.hpp"
#include "tests/fakes/iam.hpp"
#include "tests/fakes/sigv4_verifier.hpp"

namespace supportd::fakes {

http::Request signed_call(const AwsKey& key, const SigningScope& scope, const std::string& target,
                          const std::string& body, Instant now);

}  // namespace supportd::fakes
