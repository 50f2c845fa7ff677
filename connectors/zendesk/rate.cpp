#include "connectors/zendesk/rate.hpp"

#include <algorithm>
#include <charconv>

#include "connectors/zendesk/complaint.hpp"
#include "daemon/http/retry_after.hpp"

namespace supportd::connectors::zendesk {
namespace {

using std::chrono::seconds;

constexpr Millis default_pause = seconds{60};
constexpr Millis longest_pause = std::chrono::hours{1};
constexpr std::size_t most_updates = 30;
constexpr std::chrono::minutes updates_window{10};
constexpr std::string_view named_limit = "zendesk-ratelimit-";
constexpr std::string_view jobs_limit = "zendesk-ratelimit-inflight-jobs";  // of running jobs, not of calls

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<int> parse_count(std::string_view text) {
  text = trimmed(text);
  int out = 0;
  const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (wrong != std::errc{} || end != text.data() + text.size() || out < 0) return {};
  return out;
}

// What one limit has left, and when it is whole again.
struct Left {
  std::optional<int> remaining;
  std::optional<int> resets;  // seconds
};

// "total=10; remaining=9; resets=2"
Left parse_left(std::string_view text) {
  Left out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(';'), text.size());
    const std::string_view pair = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = trimmed(pair.substr(0, equals));
    if (http::equal_ignoring_case(name, "remaining")) out.remaining = parse_count(pair.substr(equals + 1));
    if (http::equal_ignoring_case(name, "resets")) out.resets = parse_count(pair.substr(equals + 1));
  }
  return out;
}

void learn(const Left& left, http::RateNews& news) {
  if (!left.remaining) return;
  news.remaining = std::min(news.remaining.value_or(*left.remaining), *left.remaining);
  if (*left.remaining > 0 || !left.resets) return;
  news.pause = std::max(news.pause.value_or(Millis{0}), std::min<Millis>(seconds{*left.resets}, longest_pause));
}

std::optional<int> count_at(const http::Headers& headers, std::string_view name) {
  const auto text = headers.get(name);
  return text ? parse_count(*text) : std::nullopt;
}

bool has_prefix(std::string_view name, std::string_view prefix) {
  return name.size() > prefix.size() && http::equal_ignoring_case(name.substr(0, prefix.size()), prefix);
}

}  // namespace

std::optional<Millis> asked_pause(const http::Response& answer, Instant now) {
  const auto asked = http::retry_after(answer.headers, now);
  if (answer.status != 429) return asked;
  if (is_page_limit(parse_complaint(answer.body))) return {};
  return asked && *asked > Millis{0} ? *asked : default_pause;
}

http::RateNews read_rate(const http::Request& request, const http::Response& answer, Instant now) {
  http::RateNews news;
  if (answer.status == 429 || answer.status == 503) news.pause = asked_pause(answer, now);
  const auto account = count_at(answer.headers, "X-Rate-Limit-Remaining");
  const auto reset = count_at(answer.headers, "ratelimit-reset");
  learn({account ? account : count_at(answer.headers, "ratelimit-remaining"), reset}, news);
  if (!request.budget.ends_with("/update") && !request.budget.ends_with("/incremental")) return news;
  for (const auto& [name, value] : answer.headers) {
    if (has_prefix(name, named_limit) && !http::equal_ignoring_case(name, jobs_limit)) learn(parse_left(value), news);
  }
  return news;
}

void TicketUpdates::take(const std::string& ticket, std::chrono::nanoseconds now) {
  const std::lock_guard lock(mutex_);
  for (auto& [id, times] : made_) {
    while (!times.empty() && times.front() + updates_window <= now) times.pop_front();
  }
  std::erase_if(made_, [](const auto& entry) { return entry.second.empty(); });
  auto& times = made_[ticket];
  if (times.size() >= most_updates) {
    throw Error(ErrorKind::throttled, "ticket_updates",
                "ticket " + ticket + " had its 30 updates of ten minutes; Zendesk takes no more",
                std::chrono::ceil<Millis>(times.front() + updates_window - now));
  }
  times.push_back(now);
}

}  // namespace supportd::connectors::zendesk
