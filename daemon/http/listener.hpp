// Listening sockets: made here, or handed over by systemd (sd_listen_fds(3)).
#pragma once

#include <string>
#include <utility>

#include "daemon/http/router.hpp"

namespace supportd::http {

// Owns a descriptor, and the file of a Unix socket that was made here.
class Listener {
 public:
  // "127.0.0.1:9180", "[::1]:0", "localhost:http". All three throw Error{config}.
  static Listener tcp(const std::string& address);
  // The file gets `mode` and, when named, `group` before anybody can connect. A stale file is replaced.
  static Listener unix_socket(const std::string& path, unsigned mode, const std::string& group);
  static Listener inherited(int fd);

  Listener(Listener&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)),
        is_local_(other.is_local_),
        address_(std::move(other.address_)),
        file_(std::exchange(other.file_, {})) {}
  Listener& operator=(Listener&&) = delete;
  ~Listener();

  int fd() const { return fd_; }
  bool is_local() const { return is_local_; }
  // "127.0.0.1:41233" with the port that was bound, or the socket's path.
  const std::string& address() const { return address_; }

 private:
  explicit Listener(int fd) : fd_(fd) {}
  void learn_address();

  int fd_;
  bool is_local_ = false;
  std::string address_;
  std::string file_;
};

Peer peer_of(int connection, bool is_local);
// The user's name of the account database; "" when there is none. May block.
std::string user_name(long uid);
// The far side has closed, or half-closed, the connection.
bool has_hung_up(int connection);

}  // namespace supportd::http
