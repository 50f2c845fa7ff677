// AWS JSON over `POST /`: Support and Secrets Manager speak version 1.1, SQS 1.0.
// https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
#pragma once

#include <string>
#include <string_view>

#include "connectors/aws/signed_client.hpp"
#include "daemon/json.hpp"

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

  // The answer's JSON. Throws as connectors/aws/errors.hpp says. An answer that cannot be read
  // is corrupt, but unknown_outcome when the call was a write: it did happen, and how is not known.
  json::Document call(std::string_view action, std::string body, const CallOptions& options, std::stop_token stop = {});

 private:
  SignedClient signed_;
  const JsonService service_;
};

}  // namespace supportd::connectors::aws
