// A small blocking HTTP/1.1 server on loopback, one thread a connection. Made for the sandbox: unlike a good server it
// can cut a connection in place of an answer.
#pragma once

#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "daemon/http/client.hpp"

namespace supportd::sandbox {

enum class Cut { by_fin, by_rst };

struct Reply {
  http::Response response;
  std::optional<Cut> cut;  // in place of the response
};

// The request's URL is absolute, made of the Host field. Called from many threads at once.
using Handler = std::function<Reply(const http::Request&)>;

class HttpServer {
 public:
  // Listens on a free port of 127.0.0.1 at once. Throws Error{unreachable}.
  explicit HttpServer(Handler handler);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

 private:
  struct Connection {
    int fd = -1;
    bool ended = false;
    std::thread thread;
  };

  void accept_loop();
  void serve(int fd);
  Reply reply_to(const http::Request& request) const;
  void reap();

  const Handler handler_;
  int listener_ = -1;
  int port_ = 0;
  std::mutex mutex_;
  // Guarded by mutex_.
  bool stopping_ = false;
  std::list<Connection> connections_;

  std::thread acceptor_;
};

}  // namespace supportd::sandbox
