#include "tests/sandbox/http_server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>

#include "daemon/http/router.hpp"

namespace supportd::sandbox {
namespace {

constexpr std::size_t header_limit = 64 * 1024;
constexpr std::size_t body_limit = 64 * 1024 * 1024;

// The receiving side of one connection: bytes that came early stay for the next request.
class Stream {
 public:
  explicit Stream(int fd) : fd_(fd) {}

  // Up to and without `mark`; nothing when the peer is gone or says too much.
  std::optional<std::string> until(std::string_view mark, std::size_t limit) {
    while (true) {
      const std::size_t at = buffer_.find(mark);
      if (at != std::string::npos) {
        std::string out = buffer_.substr(0, at);
        buffer_.erase(0, at + mark.size());
        return out;
      }
      if (buffer_.size() > limit || !more()) return {};
    }
  }
  std::optional<std::string> exactly(std::size_t count) {
    while (buffer_.size() < count) {
      if (!more()) return {};
    }
    std::string out = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return out;
  }
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

 private:
  bool more() {
    char chunk[16 * 1024];
    const ssize_t got = ::recv(fd_, chunk, sizeof chunk, 0);
    if (got <= 0) return false;
    buffer_.append(chunk, static_cast<std::size_t>(got));
    return true;
  }

  int fd_;
  std::string buffer_;
};

std::optional<std::size_t> number(std::string_view text, int base) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end == text.data() || value > body_limit) return {};
  return value;
}

std::optional<std::string> chunked_body(Stream& stream) {
  std::string body;
  while (true) {
    const auto line = stream.until("\r\n", header_limit);
    const auto size = line ? number(*line, 16) : std::nullopt;
    if (!size || body.size() + *size > body_limit) return {};
    const auto chunk = stream.exactly(*size);
    if (!chunk) return {};
    body += *chunk;
    const auto end = stream.until("\r\n", header_limit);  // after a chunk, or the empty trailer after the last
    if (!end) return {};
    if (*size == 0) return body;
  }
}

std::optional<http::Request> read_request(Stream& stream) {
  const auto head = stream.until("\r\n\r\n", header_limit);
  if (!head) return {};
  http::Request request;
  std::string_view rest = *head;
  const std::string_view first = rest.substr(0, rest.find("\r\n"));
  rest.remove_prefix(std::min(rest.size(), first.size() + 2));
  const std::size_t method_end = first.find(' '), target_end = first.rfind(' ');
  if (method_end == std::string_view::npos || target_end <= method_end) return {};
  request.method = std::string(first.substr(0, method_end));
  const std::string target(first.substr(method_end + 1, target_end - method_end - 1));
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find("\r\n"));
    rest.remove_prefix(std::min(rest.size(), line.size() + 2));
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return {};
    std::string_view value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.size(), value.find_first_not_of(" \t")));
    request.headers.add(std::string(line.substr(0, colon)), std::string(value));
  }
  request.url = "http://" + request.headers.get("Host").value_or("127.0.0.1") + target;

  if (http::equal_ignoring_case(request.headers.get("Expect").value_or(""), "100-continue") &&
      !stream.send("HTTP/1.1 100 Continue\r\n\r\n"))
    return {};
  std::optional<std::string> body = std::string();
  if (http::equal_ignoring_case(request.headers.get("Transfer-Encoding").value_or(""), "chunked")) {
    body = chunked_body(stream);
  } else if (const auto length = request.headers.get("Content-Length")) {
    const auto size = number(*length, 10);
    body = size ? stream.exactly(*size) : std::nullopt;
  }
  if (!body) return {};
  request.body = std::move(*body);
  return request;
}

std::string serialise(const http::Response& response, bool keep) {
  std::string out = "HTTP/1.1 " + std::to_string(response.status) + " Sandbox\r\n";
  for (const auto& [name, value] : response.headers) out += name + ": " + value + "\r\n";
  if (response.status != 204) out += "Content-Length: " + std::to_string(response.body.size()) + "\r\n";
  out += keep ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n";
  if (response.status != 204) out += response.body;
  return out;
}

}  // namespace

HttpServer::HttpServer(Handler handler) : handler_(std::move(handler)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (listener_ < 0 || ::bind(listener_, any, size) != 0 || ::listen(listener_, SOMAXCONN) != 0 ||
      ::getsockname(listener_, any, &size) != 0)
    throw Error(ErrorKind::unreachable, "cannot listen on 127.0.0.1");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { accept_loop(); });
}

HttpServer::~HttpServer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    for (Connection& it : connections_) {
      if (!it.ended) ::shutdown(it.fd, SHUT_RDWR);
    }
  }
  ::shutdown(listener_, SHUT_RDWR);  // wakes accept
  acceptor_.join();
  for (Connection& it : connections_) it.thread.join();
  ::close(listener_);
}

void HttpServer::accept_loop() {
  while (true) {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) {
      std::lock_guard lock(mutex_);
      if (stopping_) return;
      continue;
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    reap();
    std::lock_guard lock(mutex_);
    if (stopping_) {
      ::close(fd);
      return;
    }
    Connection& it = connections_.emplace_back();
    it.fd = fd;
    it.thread = std::thread([this, &it, fd] {
      serve(fd);
      std::lock_guard ending(mutex_);
      it.ended = true;
      ::close(fd);
    });
  }
}

void HttpServer::reap() {
  std::list<Connection> ended;
  {
    std::lock_guard lock(mutex_);
    for (auto it = connections_.begin(); it != connections_.end();) {
      const auto next = std::next(it);
      if (it->ended) ended.splice(ended.end(), connections_, it);
      it = next;
    }
  }
  for (Connection& it : ended) it.thread.join();
}

// What a handler did not expect costs the call, not the sandbox.
Reply HttpServer::reply_to(const http::Request& request) const {
  try {
    return handler_(request);
  } catch (const std::exception& error) {
    return {http::problem(500, "The sandbox cannot answer this", error.what()), {}};
  }
}

void HttpServer::serve(int fd) {
  Stream stream(fd);
  while (auto request = read_request(stream)) {
    const Reply reply = reply_to(*request);
    if (reply.cut) {
      if (*reply.cut == Cut::by_rst) {
        const linger at_once{1, 0};
        ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
      }
      return;
    }
    const bool keep = !http::equal_ignoring_case(request->headers.get("Connection").value_or(""), "close");
    if (!stream.send(serialise(reply.response, keep)) || !keep) return;
  }
}

}  // namespace supportd::sandbox
