// A server on a free port with a few routes, and a gate that handlers wait at.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "daemon/http/server.hpp"
#include "tests/daemon/http/raw_client.hpp"

namespace supportd::http {
using namespace std::chrono_literals;

// A gate that handlers wait at, so that tests decide when they end.
class Gate {
 public:
  void pass() {
    std::unique_lock lock(mutex_);
    ++arrived_;
    changed_.notify_all();
    changed_.wait(lock, [this] { return open_; });
  }
  void wait_for(int n) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return arrived_ >= n; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int arrived_ = 0;
  bool open_ = false;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    add("GET", "/fast", [](const Inbound&) { return Response{200, {}, "fast"}; });
    router_.add({.method = "GET",
                 .path = "/loop",
                 .handler =
                     [](const Inbound&) {
                       return Response{200, {}, "loop"};
                     },
                 .on_loop = true});
    add("POST", "/echo", [](const Inbound& in) { return Response{200, {}, in.body}; });
    add("GET", "/hold", [this](const Inbound&) {
      ++held_;
      gate_.pass();
      return Response{200, {}, "held"};
    });
    options_.listen = {"127.0.0.1:0"};
    hooks_.answered = [this](const Answered& answered) {
      const auto& [method, route, status, seconds, bytes] = answered;
      const std::lock_guard lock(mutex_);
      answered_.push_back(std::string(method) + " " + std::string(route) + " " + std::to_string(status));
    };
    hooks_.in_flight = [this](int change) { in_flight_ += change; };
    hooks_.connections = [this](int change) {
      connections_ += change;
      connections_.notify_all();
    };
  }
  ~ServerTest() override { gate_.open(); }

  void add(std::string method, std::string path, Handler handler, Access access = Access::open) {
    router_.add(
        {.method = std::move(method), .path = std::move(path), .access = access, .handler = std::move(handler)});
  }
  Server& start() {
    server_ = std::make_unique<Server>(options_, hooks_, router_, clock_);
    return *server_;
  }
  RawClient connect(std::size_t i = 0) { return RawClient(server_->addresses().at(i)); }
  static std::string get(std::string_view path, std::string_view more = "") {
    return "GET " + std::string(path) + " HTTP/1.1\r\nHost: x\r\n" + std::string(more) + "\r\n";
  }
  static std::string post(std::string_view path, std::string_view body) {
    return "POST " + std::string(path) + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\n\r\n" + std::string(body);
  }
  std::vector<std::string> answered() {
    const std::lock_guard lock(mutex_);
    return answered_;
  }
  void wait_for_connections(int n) {
    for (int now = connections_; now != n; now = connections_) connections_.wait(now);
  }

  time::MachineClock clock_;
  Router router_;
  ServerOptions options_;
  ServerHooks hooks_;
  Gate gate_;
  std::atomic<int> held_ = 0;
  std::atomic<int> in_flight_ = 0;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;
  std::vector<std::string> answered_;
  std::unique_ptr<Server> server_;
};

}  // namespace supportd::http
