// The layer that counts and times every call that leaves. Thread-safe; borrows what it is given.
#pragma once

#include "daemon/http/client.hpp"
#include "daemon/observe/metrics.hpp"
#include "daemon/time/clock.hpp"

namespace supportd::http {

class CountingClient final : public Client {
 public:
  CountingClient(Client& inner, observe::Metrics& metrics, const time::Clock& clock)
      : inner_(inner), metrics_(metrics), clock_(clock) {}

  Response send(const Request& request, std::stop_token stop = {}) override;
  std::vector<Outcome> send_all(const std::vector<Request>& requests, std::stop_token stop = {}) override;

 private:
  void count(const Request& request, const Outcome& outcome);

  Client& inner_;
  observe::Metrics& metrics_;
  const time::Clock& clock_;
};

}  // namespace supportd::http
