#include "daemon/http/budget.hpp"

#include <algorithm>
#include <set>

namespace supportd::http {
namespace {

void check(const BudgetRule& rule, const std::map<std::string, const BudgetRule*>& all) {
  const auto flaw = [&](const std::string& what) {
    throw Error(ErrorKind::config, "budget " + rule.name + ": " + what);
  };
  if (rule.count < 0 || rule.max_in_flight < 0) flaw("a number of calls is negative");
  if (rule.window <= Millis{0}) flaw("the window must be longer than 0");
  if (!(rule.background_share > 0 && rule.background_share <= 1)) flaw("background_share must be above 0, at most 1");
  std::set<std::string> seen{rule.name};
  for (std::string up = rule.parent; !up.empty();) {
    const auto parent = all.find(up);
    if (parent == all.end()) flaw("its parent " + up + " does not exist");
    if (!seen.insert(up).second) flaw("its parents form a ring at " + up);
    up = parent->second->parent;
  }
}

int share(int limit, const BudgetRule& rule, Priority priority) {
  if (priority != Priority::background) return limit;
  return std::max(1, static_cast<int>(limit * rule.background_share));
}

}  // namespace

Budgets::Permit::~Permit() {
  if (budgets_) budgets_->release(chain_);
}

void Budgets::reconfigure(const std::vector<BudgetRule>& rules) {
  std::map<std::string, const BudgetRule*> all;
  for (const BudgetRule& rule : rules) {
    if (!all.emplace(rule.name, &rule).second)
      throw Error(ErrorKind::config, "budget " + rule.name + " is given twice");
  }
  for (const BudgetRule& rule : rules) check(rule, all);
  const std::lock_guard lock(mutex_);
  for (auto& [name, bucket] : buckets_) bucket.retired = !all.contains(name);
  for (const BudgetRule& rule : rules) buckets_[rule.name].rule = rule;
  grant();
  clock_.ring(bell_);  // some may wait for a budget that is larger now
}

// The first instant at which the bucket has room, as far as is known; max when only the end of a call makes room.
Budgets::Nanos Budgets::free_at(const Bucket& bucket, Priority priority) {
  const BudgetRule& rule = bucket.rule;
  if (rule.max_in_flight > 0 && bucket.in_flight >= share(rule.max_in_flight, rule, priority)) return Nanos::max();
  if (rule.count == 0) return bucket.paused_until;
  const int limit = share(rule.count, rule, priority);
  if (bucket.in_flight >= limit) return Nanos::max();
  const int excess = static_cast<int>(bucket.ended.size()) + bucket.in_flight - limit;
  if (excess < 0) return bucket.paused_until;
  return std::max(bucket.paused_until, bucket.ended[static_cast<std::size_t>(excess)] + Nanos(rule.window));
}

void Budgets::forget_old(Bucket& bucket, Nanos now) {
  while (!bucket.ended.empty() && bucket.ended.front() + Nanos(bucket.rule.window) <= now) bucket.ended.pop_front();
}

// The budget and its parents; empty when there is none of that name.
std::vector<Budgets::Bucket*> Budgets::chain(const std::string& name) {
  std::vector<Bucket*> out;
  for (auto at = buckets_.find(name); at != buckets_.end(); at = buckets_.find(at->second.rule.parent)) {
    out.push_back(&at->second);
  }
  return out;
}

Budgets::Nanos Budgets::chain_free_at(const std::string& name, Priority priority) {
  Nanos at = Nanos::min();
  for (const Bucket* bucket : chain(name)) at = std::max(at, free_at(*bucket, priority));
  return at;
}

// Hands out what is free, in turn. Who waits for a full bucket keeps all behind it from drawing on that bucket, but
// not on its other ones: an account that is out of calls does not hold up its siblings.
void Budgets::grant() {
  const Nanos now = clock_.steady();
  for (auto& [name, bucket] : buckets_) forget_old(bucket, now);
  std::set<const Bucket*> contested;
  bool any = false;
  for (Waiter* waiter : waiters_) {
    const auto buckets = chain(waiter->name);
    if (!waiter->charged.empty() || buckets.empty()) continue;
    bool free = true;
    for (const Bucket* bucket : buckets) {
      if (free_at(*bucket, waiter->priority) > now) contested.insert(bucket);
      free = free && !contested.contains(bucket);
    }
    if (!free) continue;
    for (Bucket* bucket : buckets) {
      ++bucket->in_flight;
      waiter->charged.push_back(bucket->rule.name);
    }
    any = true;
  }
  if (any) clock_.ring(bell_);
}

Budgets::Place::Place(Budgets& budgets, Waiter& waiter) : budgets_(budgets), waiter_(waiter) {
  auto& waiters = budgets.waiters_;
  waiters.insert(std::ranges::upper_bound(waiters, waiter.priority, {}, &Waiter::priority), &waiter);
}

std::optional<Error> Budgets::refusal(const Waiter& waiter, Nanos free, Nanos limit, const std::stop_token& stop) {
  const std::string& name = waiter.name;
  if (!buckets_.contains(name)) return Error(ErrorKind::config, "there is no budget named " + name);
  if (stop.stop_requested()) return Error(ErrorKind::stopped, "stopped while waiting for budget " + name);
  const Nanos now = clock_.steady();
  const bool is_known = free != Nanos::max();
  if (now < limit && !(is_known && free > limit)) return {};
  const Nanos wait = std::max(is_known ? free - now : Nanos{0}, Nanos(std::chrono::seconds{1}));
  const Millis later = std::chrono::ceil<Millis>(wait);
  return Error(ErrorKind::throttled, "budget " + name + " is used up for " + time::to_text(later), later);
}

Budgets::Permit Budgets::take(const std::string& name, Priority priority, Millis patience, std::stop_token stop) {
  // Before the lock, so that it is destroyed after it: its destructor waits for `wake`, which locks.
  const std::stop_callback on_stop(stop, [this] { wake(); });
  std::unique_lock lock(mutex_);
  const Nanos limit = clock_.steady() + patience;
  Waiter waiter{name, priority};
  std::optional<Error> refused;
  {
    const Place place(*this, waiter);
    for (grant(); waiter.charged.empty(); grant()) {
      const Nanos free = chain_free_at(name, priority);
      if ((refused = refusal(waiter, free, limit, stop))) break;
      const Nanos now = clock_.steady();
      const Nanos until = free > now ? std::min(limit, free) : limit;
      clock_.wait(lock, bell_, clock_.now() + std::chrono::ceil<Millis>(until - now));
    }
  }
  if (!refused) return Permit(*this, std::move(waiter.charged));
  grant();  // whom it stood in the way of
  throw *refused;
}

std::optional<Budgets::Permit> Budgets::try_take(const std::string& name, Priority priority) {
  const std::lock_guard lock(mutex_);
  Waiter waiter{name, priority};
  const Place place(*this, waiter);
  grant();
  if (waiter.charged.empty()) return {};
  return Permit(*this, std::move(waiter.charged));
}

bool Budgets::affords(const std::string& name, Priority priority, Millis patience) {
  const std::lock_guard lock(mutex_);
  const Nanos now = clock_.steady();
  for (auto& [each, bucket] : buckets_) forget_old(bucket, now);
  const Nanos free = chain_free_at(name, priority);
  return free == Nanos::max() || free <= now + Nanos(patience);
}

void Budgets::release(const std::vector<std::string>& names) {
  const std::lock_guard lock(mutex_);
  for (const std::string& name : names) {
    Bucket& bucket = buckets_.at(name);
    bucket.in_flight = std::max(0, bucket.in_flight - 1);
    if (bucket.rule.count > 0) bucket.ended.push_back(clock_.steady());
  }
  grant();
}

void Budgets::observe(const std::string& name, std::optional<int> remaining, std::optional<Millis> pause) {
  const std::lock_guard lock(mutex_);
  const auto at = buckets_.find(name);
  if (at == buckets_.end()) return;
  Bucket& bucket = at->second;
  const Nanos now = clock_.steady();
  forget_old(bucket, now);
  if (pause) bucket.paused_until = std::max(bucket.paused_until, now + *pause);
  if (!remaining || bucket.rule.count == 0) return;
  // Others draw on the far side's budget too (agents, other programs): count their calls as made now.
  const int ours = bucket.rule.count - static_cast<int>(bucket.ended.size()) - bucket.in_flight;
  for (int i = std::max(0, *remaining); i < ours; ++i) bucket.ended.push_back(now);
}

void Budgets::wake() {
  const std::lock_guard lock(mutex_);
  clock_.ring(bell_);
}

std::vector<BudgetState> Budgets::snapshot() const {
  const std::lock_guard lock(mutex_);
  const Nanos now = clock_.steady();
  std::vector<BudgetState> states;
  for (const auto& [key, bucket] : buckets_) {
    if (bucket.retired) continue;
    const std::string& name = key;  // clang 14 lets no lambda have a structured binding
    BudgetState state{.rule = bucket.rule, .in_flight = bucket.in_flight};
    const Nanos horizon = now - Nanos(bucket.rule.window);
    const auto counted = std::ranges::count_if(bucket.ended, [&](Nanos end) { return end > horizon; });
    state.available = std::max(0, bucket.rule.count - static_cast<int>(counted) - bucket.in_flight);
    state.waiting =
        static_cast<int>(std::ranges::count_if(waiters_, [&](const Waiter* waiter) { return waiter->name == name; }));
    if (bucket.paused_until > now) {
      state.paused_until = clock_.now() + std::chrono::ceil<Millis>(bucket.paused_until - now);
    }
    states.push_back(std::move(state));
  }
  return states;
}

}  // namespace supportd::http
