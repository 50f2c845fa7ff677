// An outside system as a pure function of its state, the request and now: no network, no clock, no threads.
// tests/fakes/net puts vendors behind http::Client in one process, tests/sandbox behind real HTTP.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/http/client.hpp"
#include "daemon/time/instant.hpp"

namespace supportd::fakes {

// A file that a person attached, or that an outside system hands out.
struct File {
  std::string name;
  std::string data;
  std::string content_type = "text/plain";
};

// Implementations are thread-safe; each guards its state by one mutex.
class Vendor {
 public:
  virtual ~Vendor() = default;
  // Any request gets an answer; what is wrong with it is a status and a body, as the vendor documents them.
  virtual http::Response answer(const http::Request& request, Instant now) = 0;
  // How this vendor says 429, 500 or 503 (AWS throttles with 400).
  virtual http::Response failure(int status, Instant now) = 0;
};

// The parts of an absolute URL; the path is still percent-encoded.
struct Target {
  std::string authority;  // "host" or "host:port"
  std::string path;       // at least "/"
  std::string query;      // without '?'
};
Target split_url(std::string_view url);

}  // namespace supportd::fakes
