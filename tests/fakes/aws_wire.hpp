// The AWS JSON 1.1 protocol, as the far side speaks it.
#pragma once

#include <string>
#include <string_view>

#include "daemon/http/message.hpp"
#include "daemon/time/instant.hpp"

namespace supportd::fakes {

// An answer that says no: the code becomes `__type`, client faults are HTTP 400, throttling included.
struct AwsFault {
  std::string code;
  std::string message;
  int status = 400;
};

http::Response aws_json(std::string body, Instant now, int status = 200);
http::Response aws_fault(const AwsFault& fault, Instant now);
// 429 as a client fault, 500 as InternalServerError, 503 as the load balancer's page.
http::Response aws_failure(int status, Instant now);
// "AWSSupport_20130415.CreateCase" without its prefix; empty when the prefix is another.
std::string aws_action(const http::Headers& headers, std::string_view prefix);

}  // namespace supportd::fakes
