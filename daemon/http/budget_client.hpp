// The layer that makes every request with a `budget` wait for it, and learns from the answers.
// Thread-safe; borrows what it is given.
#pragma once

#include <functional>

#include "daemon/http/budget.hpp"

namespace supportd::http {

// What an answer says about the budget it drew on.
struct RateNews {
  std::optional<int> remaining{};  // calls left in the far side's window
  std::optional<Millis> pause{};   // how long it wants no calls
};

// A vendor's own way of saying it (AWS throttles with a 400; Freshdesk counts in X-RateLimit-Remaining).
using ReadRate = std::function<RateNews(const Request&, const Response&, Instant now)>;

// 429, and 503 with Retry-After: peace for that long (429 without one: a second).
RateNews rate_by_status(const Request& request, const Response& response, Instant now);

class BudgetClient final : public Client {
 public:
  BudgetClient(Client& inner, Budgets& budgets, time::Clock& clock, ReadRate read_rate = rate_by_status)
      : inner_(inner), budgets_(budgets), clock_(clock), read_rate_(std::move(read_rate)) {}

  // Besides what the inner client throws: throttled when the budget would take longer than `max_wait`.
  Response send(const Request& request, std::stop_token stop = {}) override;
  // As many at once as the budgets allow.
  std::vector<Outcome> send_all(const std::vector<Request>& requests, std::stop_token stop = {}) override;
  void unreadable(const Request& request) override { inner_.unreadable(request); }

 private:
  Budgets::Permit wait_for(const Request& request, std::stop_token stop);
  void learn(const Request& request, const Outcome& outcome);

  Client& inner_;
  Budgets& budgets_;
  time::Clock& clock_;
  const ReadRate read_rate_;
};

}  // namespace supportd::http
