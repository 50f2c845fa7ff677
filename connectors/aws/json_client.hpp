// AWS JSON over `POST /`: Support and Secrets Manager speak version 1.1, SQS 1.0.
// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "connectors/aws/signed_client.hpp"
#include "daemon/http/json_answer.hpp"

namespace supportd::connectors::aws {

struct CallOptions {
  bool safe = false;  // a read: may be repeated on a fresh connection
  Millis deadline{30'000};
  std::size_t answer_limit = 8 * 1024 * 1024;
  http::Priority priority = http::Priority::normal;
  std::string budget{};     // shared budget of this account; empty: none
  std::string operation{};  // metric label: "describe_cases"
};

struct JsonService {
  std::string target{};        // "AWSSupport_20130415"
  std::string system{};        // the metric label, "aws_support"
  std::string version{"1.1"};  // of the protocol
};

// Thread-safe. One for each account and service.
class JsonClient {
 public:
  JsonClient(http::Client& client, time::Clock& clock, Endpoint& endpoint, CredentialsProvider& credentials,
             JsonService service);

  // What `read` makes of the answer, as http::read_json. Throws as connectors/aws/errors.hpp says.
  template <class Read>
  auto call(std::string_view action, std::string body, const CallOptions& options, std::stop_token stop, Read&& read) {
    const http::Request request = request_for(action, std::move(body), options);
    return http::read_json(client_, request, signed_.send(request, std::move(stop)), std::string(action) + " answer",
                           std::forward<Read>(read));
  }

 private:
  http::Request request_for(std::string_view action, std::string body, const CallOptions& options) const;

  http::Client& client_;
  SignedClient signed_;
  const JsonService service_;
};

}  // namespace supportd::connectors::aws
