#include "tests/fakes/aws_wire.hpp"

#include "daemon/json.hpp"
#include "tests/fakes/codec.hpp"

namespace supportd::fakes {

http::Response aws_json(std::string body, Instant now, int status) {
  const std::string id = sha256_hex(body + with_millis(now)).substr(0, 32);
  return {status,
          {{"Content-Type", "application/x-amz-json-1.1"}, {"Date", http_date(now)}, {"x-amzn-RequestId", id}},
          std::move(body)};
}

http::Response aws_fault(const AwsFault& fault, Instant now) {
  json::Writer out;
  out.object([&] { out.member("__type", fault.code).member("message", fault.message); });
  return aws_json(out.take(), now, fault.status);
}

http::Response aws_failure(int status, Instant now) {
  if (status == 429) return aws_fault({"ThrottlingException", "Rate exceeded"}, now);
  if (status == 500) return aws_fault({"InternalServerError", "An internal error occurred.", 500}, now);
  return {status,
          {{"Content-Type", "text/html"}, {"Date", http_date(now)}},
          "<html><body><b>Http/1.1 Service Unavailable</b></body> </html>"};
}

std::string aws_action(const http::Headers& headers, std::string_view prefix) {
  const std::string target = headers.get("X-Amz-Target").value_or("");
  if (!target.starts_with(prefix) || target.size() <= prefix.size() || target[prefix.size()] != '.') return "";
  return target.substr(prefix.size() + 1);
}

}  // namespace supportd::fakes
