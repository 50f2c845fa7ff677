// The HTTP server: one loop thread, one coroutine a connection, handlers on a pool of their own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/http/router.hpp"
#include "daemon/time/clock.hpp"

namespace supportd::http {

struct ServerOptions {
  std::vector<std::string> listen{};  // "127.0.0.1:9180"; port 0: any free one
  std::string socket_path{};          // the control socket; empty: none
  unsigned socket_mode = 0660;
  std::string socket_group{};    // empty: the process's own
  std::vector<int> inherited{};  // listening descriptors to take over; Unix ones are control sockets

  std::size_t header_limit = 16 * 1024;       // more: 431
  std::size_t body_limit = 32 * 1024 * 1024;  // more: 413
  Millis header_timeout{10'000};              // from the first byte to the end of the header; later: 408
  Millis body_timeout{60'000};
  Millis idle_timeout{75'000};  // between requests
  Millis write_timeout{60'000};
  std::size_t max_connections = 1024;  // over TCP; more get 503 and are closed
  std::size_t threads = 4;             // of handlers
  std::size_t max_waiting = 256;       // requests that wait for a thread; more get 503
};

struct Answered {
  std::string_view method;  // one of RFC 9110, or "other"
  std::string_view route;   // its template, or "other"
  int status = 0;
  double seconds = 0;
  std::size_t bytes = 0;  // of the body
};

// Told to whoever counts; all but `fault` are called on the loop thread and must not block. Any may be empty.
struct ServerHooks {
  std::function<std::string()> token{};  // the bearer token of Access::operate; "" when none is set
  std::function<void(const Answered&)> answered{};
  std::function<void(int change)> in_flight{};
  std::function<void(int change)> connections{};
  std::function<void(std::string_view route, std::string_view what)> fault{};  // why a request got 500
  std::function<void()> pulse{};  // every four seconds, of real time, while the loop is alive
};

class Server {
 public:
  // Listens at once; throws Error{config} where that fails. `router` is borrowed.
  Server(ServerOptions options, ServerHooks hooks, const Router& router, time::Clock& clock);
  // As stop(0).
  ~Server();

  // Where it listens: "127.0.0.1:41233", in the order of `listen`, `socket_path`, `inherited`.
  const std::vector<std::string>& addresses() const;

  // Accepts no more, answers what has begun, closes. After `drain`, whatever waits is dropped; a handler that runs is
  // always waited for.
  void stop(Millis drain);

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
  std::unique_ptr<time::Thread> thread_;
};

}  // namespace supportd::http
