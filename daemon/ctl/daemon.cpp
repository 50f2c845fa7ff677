#include "daemon/ctl/daemon.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "daemon/http/curl_client.hpp"
#include "daemon/sections.hpp"

namespace supportd::ctl {
namespace {

// Longer than the daemon lets a request wait for a run; and for work that it does while the caller waits.
constexpr Millis patience = std::chrono::minutes{1}, long_patience = std::chrono::hours{2};

bool is_long(const std::string& target) {
  return target.starts_with("/control/ledger/") || target.starts_with("/control/cases/plan") ||
         target.starts_with("/-/reload");
}

// Why nobody answers there, and what to do.
std::string why_unreachable(const std::string& path, const std::string& error) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0 && errno != EACCES) {
    return "there is no socket " + path +
           "\nIs supportd running (systemctl status supportd)? Does it listen elsewhere ([control] socket; --socket "
           "PATH)?";
  }
  if (errno != EACCES && !S_ISSOCK(found.st_mode)) return path + " is no socket";
  if (::access(path.c_str(), W_OK) != 0) {
    return "permission denied: " + path + "\nIts group may open it ([control] group; supportd-admin as installed)";
  }
  return "nobody answers at " + path + " (" + error + ")\nIs supportd running (systemctl status supportd)?";
}

constexpr std::size_t answer_limit = std::size_t{256} * 1024 * 1024;

}  // namespace

Ask connect(const std::string& socket) {
  const auto clock = std::make_shared<time::MachineClock>();
  const auto client = std::make_shared<http::CurlClient>(http::CurlOptions{.user_agent = "supportctl"}, *clock);
  const std::string path = socket.empty() ? default_control_socket() : socket;
  return [clock, client, path](const std::string& method, const std::string& target, const std::string& body) {
    http::Request request{.method = method, .url = "http://supportd" + target, .body = body};
    if (!body.empty()) request.headers.set("Content-Type", "application/json");
    request.safe = method == "GET";
    request.deadline = is_long(target) ? long_patience : patience;
    request.any_status = true;
    request.answer_limit = answer_limit;
    request.unix_socket = path;
    try {
      return client->send(request);
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::unknown_outcome) {
        throw Error(error.kind(), "the daemon at " + path +
                                      " gave no answer in time; what was asked may have happened (" + error.what() +
                                      ")");
      }
      if (error.kind() != ErrorKind::unreachable) throw;
      throw Error(ErrorKind::unreachable, "no daemon: " + why_unreachable(path, error.what()));
    }
  };
}

}  // namespace supportd::ctl
