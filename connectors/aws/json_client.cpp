#include "connectors/aws/json_client.hpp"

namespace supportd::connectors::aws {

JsonClient::JsonClient(http::Client& client, time::Clock& clock, Endpoint& endpoint, CredentialsProvider& credentials,
                       JsonService service)
    : signed_(client, clock, endpoint, credentials, parse_json_error), service_(std::move(service)) {}

json::Document JsonClient::call(std::string_view action, std::string body, const CallOptions& options,
                                std::stop_token stop) {
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
  const http::Response answer = signed_.send(std::move(request), stop);
  try {
    return json::Document::parse(answer.body, std::string(action) + " answer");
  } catch (const Error& error) {
    if (options.safe) throw;
    throw Error(ErrorKind::unknown_outcome, error.what());
  }
}

}  // namespace supportd::connectors::aws
