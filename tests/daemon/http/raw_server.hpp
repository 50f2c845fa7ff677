// A listener that does with a connection whatever a test says, down to the bytes.
#pragma once

#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace supportd::http {

class RawServer;

class RawConnection {
 public:
  RawConnection(RawServer& server, int fd) : server_(server), fd_(fd) {}

  // Head and body (by Content-Length), noted down by the server; nothing when the far side closed.
  std::optional<std::string> read_request();
  void write(std::string_view bytes);
  void answer(int status, std::string_view body, std::string_view more_headers = {});
  void wait_for_close();
  // The far side sees a reset instead of an end.
  void reset();

 private:
  RawServer& server_;
  int fd_;
  std::string buffer_;
};

class RawServer {
 public:
  // Called once a connection, on a thread of its own, with the connection's number from 0; closes on return.
  using Script = std::function<void(RawConnection&, int)>;
  // On a free loopback port, or on a Unix socket.
  explicit RawServer(Script script, std::string socket_path = {});
  ~RawServer();

  std::string url(std::string_view path = "/") const;
  // All that were read, in order.
  std::vector<std::string> requests() const;

 private:
  friend class RawConnection;
  void note(std::string request);
  void accept_all();

  const Script script_;
  const std::string socket_path_;
  int listener_ = -1;
  int wake_ = -1;
  int port_ = 0;
  std::thread acceptor_;

  mutable std::mutex mutex_;
  std::vector<std::string> requests_;  // guarded
  std::list<int> open_;                // guarded
};

}  // namespace supportd::http
