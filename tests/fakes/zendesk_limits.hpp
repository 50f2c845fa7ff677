// How Zendesk counts calls: a minute's worth by plan, and less for some endpoints. Not thread-safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/http/message.hpp"

namespace supportd::fakes {

enum class ZendeskPlan { team, professional, enterprise, enterprise_plus };

// Calls a minute where nothing else is said; 0: no limit.
struct ZendeskQuotas {
  int calls = 700;
  int updates = 100;          // of all tickets
  int updates_a_ticket = 30;  // in ten minutes, of one user
  int exports = 10;           // incremental ones
  int deletes = 400;
  int deleted_lists = 10;

  static ZendeskQuotas of(ZendeskPlan plan);
};

class ZendeskLimits {
 public:
  explicit ZendeskLimits(const ZendeskQuotas& quotas) : quotas_(quotas) {}

  struct Call {
    std::string method;
    std::vector<std::string> path;  // after /api/v2
    std::int64_t user = 0;
  };
  // Counts the call where there is room everywhere, and says so in `headers`. Otherwise the reason; nothing is taken.
  std::optional<std::string> charge(const Call& call, Instant now, http::Headers& headers);

  // Calls let through and refused, by limit: all, tickets-update, ticket-update, incremental-exports, tickets-delete,
  // deleted-tickets.
  int made(const std::string& limit) const;
  int refused(const std::string& limit) const;

 private:
  // So many in each whole length of time.
  struct Window {
    int most = 0;
    std::chrono::seconds length{60};
    std::int64_t number = -1;
    int used = 0;

    bool room(Instant now);
    int left() const { return std::max(0, most - used); }
    std::chrono::seconds resets(Instant now) const;
  };
  struct Due {
    std::string limit;
    Window* window;
  };
  std::vector<Due> windows_of(const Call& call);

  const ZendeskQuotas quotas_;
  std::map<std::string, Window> windows_;
  std::map<std::string, int> made_, refused_;
};

}  // namespace supportd::fakes
