#include "connectors/rest_client.hpp"

namespace supportd::connectors {
namespace {

RestClient::Account without_slash(RestClient::Account account) {
  while (account.base_url.ends_with('/')) account.base_url.pop_back();
  return account;
}

}  // namespace

FetchSecret fetch_secret(config::Secret secret, config::AwsSecrets aws,
                         std::function<void(const std::string&)> forget) {
  return [secret = std::move(secret), aws = std::move(aws), forget = std::move(forget)](const std::string& refused) {
    if (!refused.empty() && forget) forget(refused);
    return secret.reveal(aws);
  };
}

std::string KeptSecret::get() const {
  if (!read_) return "";
  const std::lock_guard lock(mutex_);
  if (!known_) known_ = read_();
  return *known_;
}

std::optional<Instant> date_of(const http::Response& answer) {
  const auto text = answer.headers.get("Date");
  if (!text) return {};
  const auto at = time::parse_http_date(*text);
  return at.has_value() ? std::optional(*at) : std::nullopt;
}

RestClient::RestClient(http::Client& client, const time::Clock& clock, Account account)
    : client_(client), clock_(clock), account_(without_slash(std::move(account))) {}

std::string RestClient::budget(const Options& options) const {
  return account_.budget.empty() ? "" : account_.budget + options.family;
}

http::Request RestClient::request(std::string method, const std::string& path, const char* operation,
                                  const Options& options) const {
  http::Request out;
  out.method = std::move(method);
  out.url = account_.base_url + "/api/v2" + path;
  out.headers = {{"Accept", "application/json"}};
  out.safe = options.safe;
  out.deadline = options.deadline;
  out.answer_limit = options.answer_limit;
  out.priority = options.priority;
  out.max_wait = options.max_wait;
  out.system = account_.system;
  out.operation = operation;
  out.budget = budget(options);
  return out;
}

http::Response RestClient::exchange(http::Request request, std::stop_token stop) {
  std::string secret = account_.secret("");
  for (bool again = false;; again = true) {
    request.headers.set("Authorization", account_.authorization(secret));
    http::Response answer = client_.send(request, stop);
    if (answer.status != 401) return answer;
    ++generation_;
    std::string fresh = again ? secret : account_.secret(secret);
    if (fresh == secret) {
      throw Error(ErrorKind::config, "credentials", account_.system + " does not take the key or token", {});
    }
    secret = std::move(fresh);
  }
}

http::Response RestClient::send(http::Request request, std::stop_token stop) {
  http::Response answer;
  try {
    answer = exchange(request, stop);
  } catch (const Error& error) {
    // An answer too long to read says nothing about whether the write happened.
    if (error.kind() != ErrorKind::corrupt || request.safe) throw;
    throw Error(ErrorKind::unknown_outcome, error.what());
  }
  if (answer.status >= 200 && answer.status < 300) return answer;
  throw account_.failure(request, answer, clock_.now());
}

}  // namespace supportd::connectors
