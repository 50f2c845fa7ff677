#include "daemon/http/client.hpp"

namespace supportd::http {

std::vector<Outcome> Client::send_all(const std::vector<Request>& requests, std::stop_token stop) {
  std::vector<Outcome> outcomes;
  outcomes.reserve(requests.size());
  for (const Request& request : requests) {
    try {
      outcomes.emplace_back(send(request, stop));
    } catch (const Error& error) {
      outcomes.emplace_back(error);
    }
  }
  return outcomes;
}

}  // namespace supportd::http
