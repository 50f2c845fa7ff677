// Which handler answers which request. Filled once at start, read by many threads afterwards.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "daemon/http/message.hpp"

namespace supportd::http {

// Who is on the other end of a connection.
struct Peer {
  bool local = false;  // the control socket
  long uid = -1;       // SO_PEERCRED on the control socket; -1: not known
  std::string name{};  // "uid 1000 (alice)" or "203.0.113.9"
};

struct Inbound {
  std::string method{};
  std::string path{};  // decoded, without the query
  std::map<std::string, std::string> query{};
  std::map<std::string, std::string> params{};  // from the route's template: {"job": "desk_sync"}
  Headers headers{};
  std::string body{};
  Peer peer{};
};

// Who asks, for the audit: "uid 1000 (alice)", "token from 127.0.0.1".
std::string actor_of(const Inbound& request);

using Handler = std::function<Response(const Inbound&)>;

// Thrown by a handler: the server closes the connection without an answer, as a far side that dies would (the
// sandbox's cut connections).
struct HangUp {};

enum class Access {
  open,     // anybody who can connect
  operate,  // control socket, or the bearer token (rule 27)
};

struct Route {
  std::string method{};
  std::string path{};  // "/api/v1/jobs/{job}"; the metric label
  Access access = Access::open;
  Handler handler{};
  bool on_loop = false;  // answered by the loop thread itself: must not block
};

class Router {
 public:
  // Throws std::logic_error when the method and path are taken.
  void add(Route route);
  struct Match {
    const Route* route = nullptr;  // null: no such path, or not by this method
    std::map<std::string, std::string> params{};
    std::string allowed{};  // for 405: "GET, HEAD, POST"; empty when the path is not known at all
  };
  // `path` as sent, still percent-encoded; params are decoded. Of two templates the one with fewer params wins; a
  // GET route answers HEAD too.
  Match find(std::string_view method, std::string_view path) const;

 private:
  struct Entry {
    Route route;
    std::vector<std::string> segments;  // "{job}" is any one segment that is not empty
    int params = 0;
  };
  std::vector<Entry> entries_;  // fewest params first
};

// RFC 9457 problem details.
Response problem(int status, std::string_view title, std::string_view detail);
Response json(std::string body, int status = 200);

}  // namespace supportd::http
