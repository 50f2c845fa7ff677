#include "daemon/http/budget_client.hpp"

#include "daemon/http/retry_after.hpp"

namespace supportd::http {

RateNews rate_by_status(const Request&, const Response& response, Instant now) {
  const auto asked = retry_after(response.headers, now);
  if (response.status == 429) return {.pause = asked.value_or(std::chrono::seconds{1})};
  if (response.status == 503) return {.pause = asked};
  return {};
}

Budgets::Permit BudgetClient::wait_for(const Request& request, std::stop_token stop) {
  return budgets_.take(request.budget, request.priority, request.max_wait.value_or(request.deadline), std::move(stop));
}

void BudgetClient::learn(const Request& request, const Outcome& outcome) {
  if (const auto* error = std::get_if<Error>(&outcome)) {
    if (error->retry_after()) budgets_.observe(request.budget, {}, error->retry_after());
    return;
  }
  const RateNews news = read_rate_(request, std::get<Response>(outcome), clock_.now());
  if (news.remaining || news.pause) budgets_.observe(request.budget, news.remaining, news.pause);
}

Response BudgetClient::send(const Request& request, std::stop_token stop) {
  if (request.budget.empty()) return inner_.send(request, std::move(stop));
  const auto permit = wait_for(request, stop);
  try {
    Outcome outcome = inner_.send(request, std::move(stop));
    learn(request, outcome);
    return std::get<Response>(std::move(outcome));
  } catch (const Error& error) {
    learn(request, error);
    throw;
  }
}

std::vector<Outcome> BudgetClient::send_all(const std::vector<Request>& requests, std::stop_token stop) {
  std::vector<Outcome> outcomes(requests.size());
  std::size_t next = 0;
  while (next < requests.size()) {
    // The first waits; whatever else is free at that moment goes along.
    const std::size_t first = next;
    std::vector<Request> batch;
    std::vector<Budgets::Permit> permits;
    for (; next < requests.size(); ++next) {
      const Request& request = requests[next];
      if (!request.budget.empty() && batch.empty()) {
        try {
          permits.push_back(wait_for(request, stop));
        } catch (const Error& error) {
          outcomes[next++] = error;
          break;
        }
      } else if (!request.budget.empty()) {
        auto permit = budgets_.try_take(request.budget, request.priority);
        if (!permit) break;
        permits.push_back(std::move(*permit));
      }
      batch.push_back(request);
    }
    auto answers = inner_.send_all(batch, stop);
    for (std::size_t i = 0; i < answers.size(); ++i) {
      learn(batch[i], answers[i]);
      outcomes[first + i] = std::move(answers[i]);
    }
  }
  return outcomes;
}

}  // namespace supportd::http
