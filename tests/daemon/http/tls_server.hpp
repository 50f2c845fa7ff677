// An HTTPS server on loopback whose certificate was made a moment ago: it vouches for itself.
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <thread>

#include "tests/fakes/scratch.hpp"

namespace supportd::http {

class TlsServer {
 public:
  // Answers each request with 200 and `body`, one a connection.
  explicit TlsServer(std::string body);
  ~TlsServer();

  std::string url() const { return "https://127.0.0.1:" + std::to_string(port_) + "/"; }
  std::string ca_file() const { return (scratch_.path() / "ca.pem").string(); }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  void certify();
  void serve();
  void answer(int connection);

  const std::string body_;
  fakes::Scratch scratch_;
  std::unique_ptr<SSL_CTX, Free> context_;
  int listener_ = -1, port_ = 0;
  std::thread thread_;
};

}  // namespace supportd::http
