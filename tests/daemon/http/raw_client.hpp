// A client that writes bytes as a test says, and reads answers one by one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/http/message.hpp"

namespace supportd::http {

class RawClient {
 public:
  // "127.0.0.1:41233", or the path of a Unix socket.
  explicit RawClient(const std::string& address);
  RawClient(RawClient&& other) noexcept;
  ~RawClient();

  RawClient& write(std::string_view bytes);
  // The next answer; nothing when the server closed instead. `head_only`: the answer to a HEAD.
  std::optional<Response> read(bool head_only = false);
  Response ask(std::string_view bytes) { return write(bytes).read().value(); }
  // Waits for the server to close; true when it sends nothing more before.
  bool is_closed_quietly();
  void close();
  void reset();

 private:
  bool fill();
  int fd_;
  std::string buffer_;
};

}  // namespace supportd::http
