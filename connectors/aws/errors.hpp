// What AWS says went wrong, and what it means for us.
// Codes: botocore's retry tables; the Support API's service model; STS and Signature V4 error lists.
#pragma once

#include <string>
#include <string_view>

#include "daemon/http/budget_client.hpp"
#include "daemon/http/message.hpp"

namespace supportd::connectors::aws {

struct ServiceError {
  int status = 0;
  std::string code;     // "CaseIdNotFound", namespace and URI stripped; empty when the answer has none
  std::string message;  // as AWS wrote it, cut to a line's length
};

// Never throw: an answer that cannot be read is an error without a code.
ServiceError parse_json_error(const http::Response& response);  // JSON 1.0 and 1.1
ServiceError parse_xml_error(const http::Response& response);   // query protocol

// What one more attempt needs before it can succeed. AWS refused the request in either case, so that it may be sent
// again even when it is a write.
enum class Remedy { none, fresh_credentials, corrected_clock };
Remedy remedy(const ServiceError& error);

// throttled: throttle codes (HTTP 400, mostly) and 429. gone: case or attachment unknown. conflict: the attachment set
// expired or was used, upload again. config: our keys or clock are wrong. unreachable: 5xx to a read; to a write it is
// unknown_outcome. refused, with AWS's code: everything else. `operation` begins the message.
Error to_error(const ServiceError& error, const http::Response& response, bool safe, std::string_view operation,
               Instant now);

// For http::BudgetClient: AWS throttles with a 400 and seldom says for how long; then it is a second.
http::RateNews read_rate(const http::Request& request, const http::Response& response, Instant now);

}  // namespace supportd::connectors::aws
