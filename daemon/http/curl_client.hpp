// The client over libcurl: connections are kept and reused, TLS is always verified, redirects are not followed.
// Thread-safe: each call leases a lane (a curl multi with its own connections) for its length.
// REQUIRES SIGPIPE ignored in the process (libcurl writes TLS by plain write(2) under CURLOPT_NOSIGNAL).
#pragma once

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "daemon/http/client.hpp"
#include "daemon/time/clock.hpp"

namespace supportd::http {

struct CurlOptions {
  std::string user_agent = "supportd";
  std::string proxy{};             // "http://proxy:3128"; empty: none, the environment is never asked
  std::string no_proxy{};          // hosts reached without it, comma-separated
  std::string ca_file{};           // PEM; empty: the system's authorities
  Millis connect_timeout{10'000};  // name, TCP and TLS together
  std::size_t parallel = 8;        // most exchanges of one send_all at a time; a deadline begins with its exchange
};

class CurlClient final : public Client {
 public:
  // Lengths in requests and options are the clock's; real ones are divided by its speed.
  CurlClient(CurlOptions options, const time::Clock& clock);
  ~CurlClient() override;

  Response send(const Request& request, std::stop_token stop = {}) override;
  std::vector<Outcome> send_all(const std::vector<Request>& requests, std::stop_token stop = {}) override;

 private:
  class Lane;
  void exchange(std::span<const Request> requests, std::span<Outcome> outcomes, std::stop_token stop);
  std::unique_ptr<Lane> lease();
  void give_back(std::unique_ptr<Lane> lane);

  const CurlOptions options_;
  const time::Clock& clock_;

  std::mutex mutex_;
  std::vector<std::unique_ptr<Lane>> idle_;  // guarded; the warmest last
};

}  // namespace supportd::http
