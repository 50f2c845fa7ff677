#include "tests/daemon/http/raw_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace supportd::http {
namespace {

int check(int result, const char* call) {
  if (result < 0) throw std::runtime_error(std::string(call) + ": " + std::strerror(errno));
  return result;
}

std::size_t content_length(const std::string& head) {
  const auto at = head.find("Content-Length: ");
  return at == head.npos ? 0 : std::stoul(head.substr(at + 16));
}

}  // namespace

std::optional<std::string> RawConnection::read_request() {
  const auto whole = [this]() -> std::optional<std::size_t> {
    const auto end = buffer_.find("\r\n\r\n");
    if (end == buffer_.npos) return {};
    const std::size_t size = end + 4 + content_length(buffer_.substr(0, end + 2));
    return buffer_.size() < size ? std::nullopt : std::optional(size);
  };
  while (true) {
    if (const auto size = whole()) {
      std::string request = buffer_.substr(0, *size);
      buffer_.erase(0, *size);
      server_.note(request);
      return request;
    }
    char bytes[4096];
    const ssize_t n = ::recv(fd_, bytes, sizeof bytes, 0);
    if (n <= 0) return {};
    buffer_.append(bytes, static_cast<std::size_t>(n));
  }
}

void RawConnection::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

void RawConnection::answer(int status, std::string_view body, std::string_view more_headers) {
  write("HTTP/1.1 " + std::to_string(status) + " X\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
        std::string(more_headers) + "\r\n" + std::string(body));
}

void RawConnection::wait_for_close() {
  char byte;
  while (::recv(fd_, &byte, 1, 0) > 0) {
  }
}

void RawConnection::reset() {
  const linger now{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
}

RawServer::RawServer(Script script, std::string socket_path)
    : script_(std::move(script)), socket_path_(std::move(socket_path)), wake_(check(::eventfd(0, 0), "eventfd")) {
  if (socket_path_.empty()) {
    listener_ = check(::socket(AF_INET, SOCK_STREAM, 0), "socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    check(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size), "bind");
    check(::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size), "getsockname");
    port_ = ntohs(address.sin_port);
  } else {
    listener_ = check(::socket(AF_UNIX, SOCK_STREAM, 0), "socket");
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket_path_.c_str(), sizeof address.sun_path - 1);
    check(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), "bind");
  }
  check(::listen(listener_, 64), "listen");
  acceptor_ = std::thread([this] { accept_all(); });
}

RawServer::~RawServer() {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t n = ::write(wake_, &one, sizeof one);
  acceptor_.join();
  ::close(listener_);
  ::close(wake_);
  if (!socket_path_.empty()) ::unlink(socket_path_.c_str());
}

std::string RawServer::url(std::string_view path) const {
  const std::string origin = socket_path_.empty() ? "http://127.0.0.1:" + std::to_string(port_) : "http://localhost";
  return origin + std::string(path);
}

void RawServer::note(std::string request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(std::move(request));
}

std::vector<std::string> RawServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

void RawServer::accept_all() {
  std::vector<std::thread> threads;
  pollfd watched[] = {{listener_, POLLIN, 0}, {wake_, POLLIN, 0}};
  for (int number = 0; ::poll(watched, 2, -1) > 0 && watched[1].revents == 0; ++number) {
    const int fd = ::accept(listener_, nullptr, nullptr);
    if (fd < 0) break;
    std::unique_lock lock(mutex_);
    open_.push_back(fd);
    lock.unlock();
    threads.emplace_back([this, fd, number] {
      RawConnection connection(*this, fd);
      script_(connection, number);
      const std::lock_guard guard(mutex_);
      open_.remove(fd);
      ::close(fd);
    });
  }
  {
    const std::lock_guard lock(mutex_);
    for (const int fd : open_) ::shutdown(fd, SHUT_RDWR);
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace supportd::http
