// The layer that counts and times every call that leaves. Thread-safe; borrows what it is given.
#pragma once

#include <mutex>
#include <set>
#include <string>

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
  void unreadable(const Request& request) override;

 private:
  using Labels = std::pair<std::string, std::string>;  // system and operation
  observe::Counter& series(const Labels& labels, const char* outcome);
  observe::Counter& unreadable(const Labels& labels);
  void begin_at_zero(const Labels& labels);
  void count(const Request& request, const Outcome& outcome);

  Client& inner_;
  observe::Metrics& metrics_;
  const time::Clock& clock_;

  std::mutex mutex_;
  std::set<Labels> begun_;  // guarded
};

}  // namespace supportd::http
