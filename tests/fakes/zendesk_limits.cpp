#include "tests/fakes/zendesk_limits.hpp"

#include <algorithm>

namespace supportd::fakes {
namespace {

constexpr std::chrono::seconds a_minute{60}, ten_minutes{600};

int count(const std::map<std::string, int>& counts, const std::string& limit) {
  const auto found = counts.find(limit);
  return found == counts.end() ? 0 : found->second;
}

std::string reason(const std::string& limit) {
  if (limit == "incremental-exports") return "Number of allowed incremental export API requests per minute exceeded";
  if (limit == "ticket-update") return "Number of allowed updates of this ticket in ten minutes exceeded";
  return "Number of allowed API requests per minute exceeded";
}

// PUT, and what adds or takes tags.
bool updates_ticket(const ZendeskLimits::Call& call) {
  if (call.path.size() < 2 || call.path[0] != "tickets") return false;
  const bool tags = call.path.size() == 3 && call.path[2] == "tags" && call.method != "GET";
  return tags || call.method == "PUT";
}

}  // namespace

ZendeskQuotas ZendeskQuotas::of(ZendeskPlan plan) {
  ZendeskQuotas out;
  switch (plan) {
    case ZendeskPlan::team: out.calls = 200; break;
    case ZendeskPlan::professional: out.calls = 400; break;
    case ZendeskPlan::enterprise: out.calls = 700; break;
    case ZendeskPlan::enterprise_plus: out.calls = 2500; break;
  }
  return out;
}

bool ZendeskLimits::Window::room(Instant now) {
  const std::int64_t current = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch() / length;
  if (current != number) {
    number = current;
    used = 0;
  }
  return most == 0 || used < most;
}

std::chrono::seconds ZendeskLimits::Window::resets(Instant now) const {
  const auto passed = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch() % length;
  return length - passed;
}

std::vector<ZendeskLimits::Due> ZendeskLimits::windows_of(const Call& call) {
  const auto window = [&](const std::string& limit, const std::string& key, int most, std::chrono::seconds length) {
    return Due{limit, &windows_.try_emplace(key, Window{most, length}).first->second};
  };
  std::vector<Due> out = {window("all", "all", quotas_.calls, a_minute)};
  const std::string resource = call.path.empty() ? "" : call.path[0];
  if (resource == "incremental")
    out.push_back(window("incremental-exports", "incremental-exports", quotas_.exports, a_minute));
  if (updates_ticket(call)) {
    out.push_back(window("tickets-update", "tickets-update", quotas_.updates, a_minute));
    out.push_back(window("ticket-update", "ticket-update " + std::to_string(call.user) + " " + call.path[1],
                         quotas_.updates_a_ticket, ten_minutes));
  }
  if (resource == "tickets" && call.path.size() == 2 && call.method == "DELETE")
    out.push_back(window("tickets-delete", "tickets-delete", quotas_.deletes, a_minute));
  if (resource == "deleted_tickets" && call.method == "GET")
    out.push_back(window("deleted-tickets", "deleted-tickets", quotas_.deleted_lists, a_minute));
  return out;
}

std::optional<std::string> ZendeskLimits::charge(const Call& call, Instant now, http::Headers& headers) {
  const auto windows = windows_of(call);
  const Due* full = nullptr;
  for (const Due& due : windows) {
    if (!due.window->room(now)) full = &due;
  }
  for (const Due& due : windows) {
    if (!full) {
      ++due.window->used;
      ++made_[due.limit];
    }
    if (due.window->most == 0) continue;
    const std::string most = std::to_string(due.window->most), left = std::to_string(due.window->left());
    const std::string resets = std::to_string(due.window->resets(now).count());
    if (due.limit == "all") {
      headers.set("X-Rate-Limit", most);
      headers.set("X-Rate-Limit-Remaining", left);
      headers.set("ratelimit-limit", most);
      headers.set("ratelimit-remaining", left);
      headers.set("ratelimit-reset", resets);
    } else if (due.limit != "ticket-update") {  // which is hidden: a 429 with plenty left
      headers.set("Zendesk-RateLimit-" + due.limit, "total=" + most + "; remaining=" + left + "; resets=" + resets);
    }
  }
  if (!full) return {};
  ++refused_[full->limit];
  headers.set("Retry-After", std::to_string(full->window->resets(now).count()));
  return reason(full->limit);
}

int ZendeskLimits::made(const std::string& limit) const { return count(made_, limit); }
int ZendeskLimits::refused(const std::string& limit) const { return count(refused_, limit); }

}  // namespace supportd::fakes
