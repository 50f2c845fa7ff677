#include "connectors/aws/json_client.hpp"

namespace supportd::connectors::aws {

JsonClient::JsonClient(http::Client& client, time::Clock& clock, Endpoint& endpoint, CredentialsProvider& credentials,
                       JsonService service)
    : client_(client), signed_(client, clock, endpoint, credentials, parse_json_error), service_(std::move(service)) {}

http::Request JsonClient::request_for(std::string_view action, std::string body, const CallOptions& options) const {
  http::Request request;
  request.method = "POST";
  request.headers = {{"Content-Type", "application/x-amz-json-" + service_.version},
                     {"X-Amz-Target", service_.target + "." + std::string(action)}};
  request.body = std::move(body);
  request.safe = options.safe;
  request.deadline = options.deadline;
  request.answer_limit = options.answer_limit;
  request.system = service_.system;
  request.operation = options.operation.empty() ? std::string(action) : options.operation;
  request.budget = options.budget;
  request.priority = options.priority;
  return request;
}

}  // namespace supportd::connectors::aws
