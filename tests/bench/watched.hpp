// A simulated desk behind HTTP on loopback that remembers what was asked of it, and when the request was there.
#pragma once

#include <chrono>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/time/clock.hpp"
#include "tests/fakes/vendor.hpp"
#include "tests/sandbox/http_server.hpp"

namespace supportd::bench {

class Watched {
 public:
  // Borrows both.
  Watched(fakes::Vendor& desk, time::Clock& clock)
      : desk_(desk), clock_(clock), server_([this](const http::Request& request) { return serve(request); }) {}

  struct Seen {
    std::chrono::steady_clock::time_point at;
    std::string method, path;  // the path without /api/v2 and the query
    int status = 0;
    bool is_word = false;  // a write that says something

    bool is_write() const { return method != "GET"; }
    bool is_of(std::int64_t ticket) const { return (path + "/").find("/tickets/" + std::to_string(ticket) + "/") == 0; }
  };
  // In the order of arrival.
  std::vector<Seen> seen() const {
    const std::lock_guard lock(mutex_);
    return seen_;
  }
  std::string url() const { return server_.url(); }

 private:
  sandbox::Reply serve(const http::Request& request) {
    const auto at = std::chrono::steady_clock::now();
    auto response = desk_.answer(request, clock_.now());
    std::string path = fakes::split_url(request.url).path;
    if (path.starts_with("/api/v2")) path.erase(0, 7);
    const bool is_word =
        path.ends_with("/reply") || path.ends_with("/notes") || request.body.find("\"comment\"") != std::string::npos;
    const std::lock_guard lock(mutex_);
    seen_.push_back({at, request.method, std::move(path), response.status, is_word});
    return {std::move(response), {}};
  }

  fakes::Vendor& desk_;
  time::Clock& clock_;
  mutable std::mutex mutex_;
  std::vector<Seen> seen_;  // guarded
  sandbox::HttpServer server_;
};

}  // namespace supportd::bench
