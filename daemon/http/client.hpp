// HTTP to the outside world. Layers (budget, metrics) wrap one another behind this interface.
// Thread-safe. Nothing here repeats a request that is not declared safe (rule 1).
#pragma once

#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "daemon/http/message.hpp"

namespace supportd::http {

// Who is served first when a shared budget is short.
enum class Priority { page, live, normal, background };

struct Request {
  std::string method = "GET";
  std::string url;  // absolute
  Headers headers;
  std::string body;

  // A read, or a write the vendor knows by key: the client may repeat it on a fresh connection. Anything else
  // leaves at most once; once it may have left, a cut, a timeout, 408 or 5xx is unknown_outcome.
  bool safe = false;
  Millis deadline{30'000};                     // for the whole exchange
  std::size_t answer_limit = 8 * 1024 * 1024;  // a longer answer is corrupt

  std::string system;     // metric label and budget family: "aws_support", "freshdesk"
  std::string operation;  // metric label: "describe_cases"
  std::string budget;     // name of the shared budget this call draws on; empty: none
  Priority priority = Priority::normal;

  std::string unix_socket;  // connect there instead of to the URL's host
};

using Outcome = std::variant<Response, Error>;

class Client {
 public:
  virtual ~Client() = default;
  // Any answer with a status is returned, also 4xx. 408 and 5xx to an unsafe request throw unknown_outcome, as does
  // a cut after the request may have left; unreachable when it surely did not; corrupt when the answer is too
  // long; stopped when `stop` asks.
  virtual Response send(const Request& request, std::stop_token stop = {}) = 0;
  // All at once; answers in the order of the requests.
  virtual std::vector<Outcome> send_all(const std::vector<Request>& requests, std::stop_token stop = {});
};

}  // namespace supportd::http
