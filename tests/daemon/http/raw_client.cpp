#include "tests/daemon/http/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <utility>

namespace supportd::http {

RawClient::RawClient(const std::string& address) {
  int error = 0;
  if (address.starts_with('/')) {
    fd_ = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un to{};
    to.sun_family = AF_UNIX;
    std::strncpy(to.sun_path, address.c_str(), sizeof to.sun_path - 1);
    error = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to);
  } else {
    fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1))));
    error = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to);
  }
  if (error != 0) throw std::runtime_error("connect " + address + ": " + std::strerror(errno));
  const timeval limit{30, 0};  // a test that hangs fails here
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
}

RawClient::RawClient(RawClient&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), buffer_(std::move(other.buffer_)) {}

RawClient::~RawClient() { close(); }

RawClient& RawClient::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) break;  // what the server thinks of it is read next
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return *this;
}

bool RawClient::fill() {
  char bytes[65536];
  const ssize_t n = ::recv(fd_, bytes, sizeof bytes, 0);
  if (n < 0 && errno != ECONNRESET) throw std::runtime_error(std::string("recv: ") + std::strerror(errno));
  if (n <= 0) return false;
  buffer_.append(bytes, static_cast<std::size_t>(n));
  return true;
}

std::optional<Response> RawClient::read(bool head_only) {
  std::size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == buffer_.npos) {
    if (!fill()) return {};
  }
  Response response;
  response.status = std::stoi(buffer_.substr(9, 3));
  for (std::size_t at = buffer_.find("\r\n"); at < end;) {
    const std::size_t next = buffer_.find("\r\n", at + 2);
    const std::string line = buffer_.substr(at + 2, next - at - 2);
    const std::size_t colon = line.find(": ");
    response.headers.add(line.substr(0, colon), line.substr(colon + 2));
    at = next;
  }
  const std::size_t length = std::stoul(response.headers.get("Content-Length").value_or("0"));
  buffer_.erase(0, end + 4);
  if (head_only) return response;
  while (buffer_.size() < length) {
    if (!fill()) return {};
  }
  response.body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return response;
}

bool RawClient::is_closed_quietly() {
  while (fill()) {
  }
  return buffer_.empty();
}

void RawClient::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

void RawClient::reset() {
  const linger now{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  close();
}

}  // namespace supportd::http
