#include "daemon/ctl/daemon.hpp"

#include <memory>

#include "daemon/http/curl_client.hpp"
#include "daemon/sections.hpp"

namespace supportd::ctl {
namespace {

// Longer than the longest wait for a run.
constexpr Millis patience = std::chrono::hours{2};
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
    request.deadline = patience;
    request.answer_limit = answer_limit;
    request.unix_socket = path;
    try {
      return client->send(request);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::unreachable) throw;
      throw Error(ErrorKind::unreachable, "no daemon answers at " + path + " (" + error.what() +
                                              ")\nIs it running (systemctl status supportd)? Does it listen elsewhere "
                                              "([control] socket; --socket PATH)? May you open that socket?");
    }
  };
}

}  // namespace supportd::ctl
