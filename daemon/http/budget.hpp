// Shared budgets: how many calls may leave for one outside API and account, and who goes first when they are short.
// A budget is exact: at no time do more than `count` calls lie within `window`, wherever the far side puts its
// windows, because a call counts from its sending until `window` after its end. Thread-safe.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/http/client.hpp"
#include "daemon/time/clock.hpp"

namespace supportd::http {

struct BudgetRule {
  std::string name{};  // "freshdesk:acme"
  int count = 0;       // calls a window; 0: any number
  Millis window{60'000};
  std::string parent{};           // a budget these calls draw on as well ("aws_support:payer"); empty: none
  int max_in_flight = 0;          // calls at the same time; 0: any number
  double background_share = 0.5;  // how much of both numbers Priority::background may fill
};

// For status and metrics.
struct BudgetState {
  BudgetRule rule{};
  int available = 0;  // calls that may leave now; meaningless when rule.count is 0
  int in_flight = 0;
  int waiting = 0;
  std::optional<Instant> paused_until{};
};

class Budgets {
 public:
  explicit Budgets(time::Clock& clock) : clock_(clock) {}

  // A call under way; ends when destroyed. Must not outlive its Budgets.
  class Permit {
   public:
    Permit(Permit&& other) noexcept
        : budgets_(std::exchange(other.budgets_, nullptr)), chain_(std::move(other.chain_)) {}
    Permit& operator=(Permit&&) = delete;
    ~Permit();

   private:
    friend class Budgets;
    Permit(Budgets& budgets, std::vector<std::string> chain) : budgets_(&budgets), chain_(std::move(chain)) {}
    Budgets* budgets_;
    std::vector<std::string> chain_;
  };

  // Budgets of the same name keep what they have counted. Throws Error{config} on an unknown parent, a ring of
  // parents, a name twice, or numbers out of range; nothing is changed then.
  void reconfigure(const std::vector<BudgetRule>& rules);

  // Waits its turn: by priority, then by arrival. Throws Error{throttled, retry_after} when that takes or would
  // take longer than `patience`; stopped; config when there is no such budget.
  Permit take(const std::string& name, Priority priority, Millis patience, std::stop_token stop = {});
  // A permit if one is free and nobody waits for it.
  std::optional<Permit> try_take(const std::string& name, Priority priority);

  // Whether take() with that patience would wait for a permit, as far as is known, and not refuse at once. So it is
  // for a budget that does not exist: its user shall say so.
  bool affords(const std::string& name, Priority priority, Millis patience);

  // What an answer told: calls left in the far side's window, how long it wants peace. Unknown names are ignored.
  void observe(const std::string& name, std::optional<int> remaining, std::optional<Millis> pause);

  std::vector<BudgetState> snapshot() const;

 private:
  using Nanos = std::chrono::nanoseconds;  // of clock_.steady()
  struct Bucket {
    BudgetRule rule;
    std::deque<Nanos> ended;  // calls that still count, oldest first
    int in_flight = 0;
    Nanos paused_until = Nanos::min();
    bool retired = false;  // in no rule any more; kept for calls of before, and for its return
  };
  struct Waiter {
    const std::string& name;
    Priority priority;
    std::vector<std::string> charged{};  // the budgets it was granted; empty: it waits
  };
  // A waiter's place in the queue, while it stands there.
  class Place {
   public:
    Place(Budgets& budgets, Waiter& waiter);
    ~Place() { std::erase(budgets_.waiters_, &waiter_); }

   private:
    Budgets& budgets_;
    Waiter& waiter_;
  };

  static Nanos free_at(const Bucket& bucket, Priority priority);
  static void forget_old(Bucket& bucket, Nanos now);
  std::vector<Bucket*> chain(const std::string& name);
  Nanos chain_free_at(const std::string& name, Priority priority);
  std::optional<Error> refusal(const Waiter& waiter, Nanos free, Nanos limit, const std::stop_token& stop);
  void grant();
  void release(const std::vector<std::string>& names);
  void wake();

  time::Clock& clock_;

  mutable std::mutex mutex_;
  time::Bell bell_;
  std::map<std::string, Bucket> buckets_;  // guarded
  std::vector<Waiter*> waiters_;           // guarded; whose turn is first, first
};

}  // namespace supportd::http
