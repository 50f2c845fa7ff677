#include "daemon/http/counting_client.hpp"

namespace supportd::http {
namespace {

constexpr const char* all_outcomes[] = {
    "ok", "client_error", "server_error", "throttled", "network_error", "unknown_outcome", "stopped"};

const char* outcome_of(int status) {
  if (status == 429) return "throttled";
  if (status >= 500) return "server_error";
  return status >= 400 ? "client_error" : "ok";
}

const char* outcome_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::throttled: return "throttled";
    case ErrorKind::unreachable: return "network_error";
    case ErrorKind::unknown_outcome: return "unknown_outcome";
    case ErrorKind::corrupt: return "server_error";
    case ErrorKind::stopped: return "stopped";
    case ErrorKind::config:
    case ErrorKind::refused:
    case ErrorKind::conflict:
    case ErrorKind::gone: return "client_error";
  }
  return "client_error";
}

std::string or_other(const std::string& label) { return label.empty() ? "other" : label; }

}  // namespace

observe::Counter& CountingClient::series(const Labels& labels, const char* outcome) {
  return metrics_.counter("supportd_integration_requests_total", "Calls to remote APIs, by operation and outcome.",
                          {{"system", labels.first}, {"operation", labels.second}, {"outcome", outcome}});
}

observe::Counter& CountingClient::unreadable(const Labels& labels) {
  return metrics_.counter("supportd_integration_unreadable_answers_total",
                          "Answers of remote APIs that could not be understood, by operation.",
                          {{"system", labels.first}, {"operation", labels.second}});
}

// All outcomes of an operation at its first call: of a series that begins with its first failure a rate shows nothing.
void CountingClient::begin_at_zero(const Labels& labels) {
  const std::lock_guard lock(mutex_);
  if (!begun_.insert(labels).second) return;
  for (const char* outcome : all_outcomes) series(labels, outcome);
  unreadable(labels);
}

void CountingClient::unreadable(const Request& request) {
  unreadable(Labels{or_other(request.system), or_other(request.operation)}).Increment();
}

void CountingClient::count(const Request& request, const Outcome& outcome) {
  const Labels labels{or_other(request.system), or_other(request.operation)};
  begin_at_zero(labels);
  const auto* error = std::get_if<Error>(&outcome);
  series(labels, error ? outcome_of(error->kind()) : outcome_of(std::get<Response>(outcome).status)).Increment();
  if (error && error->kind() == ErrorKind::stopped) return;  // it was not waited for
  metrics_
      .gauge("supportd_integration_up", "1 when the last call to the remote API was answered, other than by a 5xx.",
             {{"system", labels.first}})
      .Set(!error && std::get<Response>(outcome).status < 500);
}

Response CountingClient::send(const Request& request, std::stop_token stop) {
  auto& duration =
      metrics_.histogram("supportd_integration_request_duration_seconds", "Latency of calls to remote APIs.",
                         observe::short_seconds(), {{"system", or_other(request.system)}});
  const auto began = clock_.steady();
  const auto took = [&] { return std::chrono::duration<double>(clock_.steady() - began).count(); };
  try {
    Response response = inner_.send(request, std::move(stop));
    duration.Observe(took());
    count(request, response);
    return response;
  } catch (const Error& error) {
    duration.Observe(took());
    count(request, error);
    throw;
  }
}

std::vector<Outcome> CountingClient::send_all(const std::vector<Request>& requests, std::stop_token stop) {
  auto outcomes = inner_.send_all(requests, std::move(stop));
  for (std::size_t i = 0; i < outcomes.size(); ++i) count(requests[i], outcomes[i]);
  return outcomes;
}

}  // namespace supportd::http
