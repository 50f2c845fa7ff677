#include "daemon/http/listener.hpp"

#include <grp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <memory>

#include "daemon/error.hpp"

namespace supportd::http {
namespace {

[[noreturn]] void fail(const std::string& what, const std::string& why) {
  throw Error(ErrorKind::config, "listen " + what + ": " + why);
}

std::string reason() { return std::strerror(errno); }

std::pair<std::string, std::string> split(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == address.npos || colon + 1 == address.size()) fail(address, "expected host:port, as in 127.0.0.1:9180");
  std::string host = address.substr(0, colon);
  if (host.size() > 1 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return {host, address.substr(colon + 1)};
}

std::string to_text(const sockaddr_storage& address, socklen_t size) {
  std::array<char, NI_MAXHOST> host;
  std::array<char, NI_MAXSERV> port;
  if (::getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host.data(), host.size(), port.data(),
                    port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "";
  }
  const std::string name = host.data();
  return (name.find(':') == name.npos ? name : "[" + name + "]") + ":" + port.data();
}

bool is_answered(const sockaddr_un& address) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool connected = ::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return connected;
}

}  // namespace

Listener::~Listener() {
  if (fd_ >= 0) ::close(fd_);
  if (!file_.empty()) ::unlink(file_.c_str());
}

Listener Listener::tcp(const std::string& address) {
  const auto [host, port] = split(address);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found)) fail(address, ::gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  Listener listener(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  ::setsockopt(listener.fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (found->ai_family == AF_INET6) ::setsockopt(listener.fd_, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(listener.fd_, found->ai_addr, found->ai_addrlen) != 0 || ::listen(listener.fd_, SOMAXCONN) != 0) {
    fail(address, reason());
  }
  listener.learn_address();
  return listener;
}

Listener Listener::unix_socket(const std::string& path, unsigned mode, const std::string& group) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) fail(path, "the path is too long for a socket");
  std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
  struct stat status;
  if (::lstat(path.c_str(), &status) == 0) {
    if (!S_ISSOCK(status.st_mode)) fail(path, "there is a file that is no socket");
    if (is_answered(address)) fail(path, "another process answers there");
    ::unlink(path.c_str());
  }
  Listener listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (::bind(listener.fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail(path, reason());
  listener.file_ = path;
  if (!group.empty()) {
    const ::group* entry = ::getgrnam(group.c_str());
    if (!entry) fail(path, "there is no group " + group);
    if (::chown(path.c_str(), static_cast<uid_t>(-1), entry->gr_gid) != 0)
      fail(path, "group " + group + ": " + reason());
  }
  if (::chmod(path.c_str(), mode) != 0 || ::listen(listener.fd_, SOMAXCONN) != 0) fail(path, reason());
  listener.learn_address();
  return listener;
}

Listener Listener::inherited(int fd) {
  int listens = 0;
  socklen_t size = sizeof listens;
  const std::string name = "descriptor " + std::to_string(fd);
  if (::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) != 0) fail(name, reason());
  if (!listens) fail(name, "it is no listening stream socket");
  Listener listener(fd);
  listener.learn_address();
  return listener;
}

void Listener::learn_address() {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) != 0) fail("", reason());
  is_local_ = address.ss_family == AF_UNIX;
  address_ = is_local_ ? reinterpret_cast<const sockaddr_un&>(address).sun_path : to_text(address, size);
}

Peer peer_of(int connection, bool is_local) {
  if (is_local) {
    ucred who{};
    socklen_t size = sizeof who;
    if (::getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return {.local = true, .name = "local"};
    return {.local = true, .uid = static_cast<long>(who.uid), .name = "uid " + std::to_string(who.uid)};
  }
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(connection, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  const std::string text = to_text(address, size);
  return {.name = text.substr(0, text.rfind(':'))};
}

std::string user_name(long uid) {
  passwd entry;
  passwd* found = nullptr;
  std::array<char, 4096> buffer;
  ::getpwuid_r(static_cast<uid_t>(uid), &entry, buffer.data(), buffer.size(), &found);
  return found ? found->pw_name : "";
}

bool has_hung_up(int connection) {
  pollfd watched{connection, POLLRDHUP, 0};
  return ::poll(&watched, 1, 0) > 0;
}

}  // namespace supportd::http
