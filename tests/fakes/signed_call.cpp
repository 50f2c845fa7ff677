#include "tests/fakes/signed_call.hpp"

namespace supportd::fakes {

http::Request signed_call(const AwsKey& key, const SigningScope& scope, const std::string& target,
                          const std::string& body, Instant now) {
  http::Request request;
  request.method = "POST";
  request.url = "https://" + scope.service + "." + scope.region + ".amazonaws.com/";
  request.headers.set("Content-Type",
                      target.empty() ? "application/x-www-form-urlencoded" : "application/x-amz-json-1.1");
  if (!target.empty()) request.headers.set("X-Amz-Target", target);
  request.body = body;
  connectors::aws::sign(request, {key.access_key_id, key.secret, key.session_token, {}}, {scope.region, scope.service},
                        now);
  return request;
}

}  // namespace supportd::fakes
