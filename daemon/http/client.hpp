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
  std::string url{};  // absolute
  Headers headers{};
  std::string body{};

  // A read, or a write the vendor knows by key: the client may repeat it on a fresh connection. Anything else
  // leaves at most once; once it may have left, a cut, a timeout, 408 or 5xx is unknown_outcome.
  bool safe = false;
  Millis deadline{30'000};                     // for the whole exchange
  std::size_t answer_limit = 8 * 1024 * 1024;  // a longer answer is corrupt

  std::string system{};     // metric label and budget family: "aws_support", "freshdesk"
  std::string operation{};  // metric label: "describe_cases"
  std::string budget{};     // name of the shared budget this call draws on; empty: none
  Priority priority = Priority::normal;
  std::optional<Millis> max_wait{};  // for that budget, before the deadline begins; empty: as long as the deadline

  std::string unix_socket{};  // connect there instead of to the URL's host
  bool any_status = false;    // also 408 and 5xx to an unsafe request are answers: whoever asks reads them to a person
};

using Outcome = std::variant<Response, Error>;

class Client {
 public:
  virtual ~Client() = default;
  // Any answer with a status is returned, also 3xx and 4xx. Throws
  //   unknown_outcome  an unsafe request may have left and its answer is 408 (code "408"), 5xx, cut, too long, not in
  //                    time, or no longer awaited because `stop` asked
  //   unreachable      it surely did not leave, or a safe one had no whole answer in time
  //   corrupt          the answer to a safe request is too long or no HTTP
  //   stopped          `stop` asked, and nothing is in doubt
  //   config           it can never be sent: a line break in a header, a URL that is none, an unreadable CA file
  virtual Response send(const Request& request, std::stop_token stop = {}) = 0;
  // All at once; answers in the order of the requests.
  virtual std::vector<Outcome> send_all(const std::vector<Request>& requests, std::stop_token stop = {});
  // Told of an answer that could not be understood, which no status shows; for layers that count.
  virtual void unreadable(const Request&) {}
};

}  // namespace supportd::http
