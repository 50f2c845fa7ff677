#include "daemon/outbox/senders.hpp"

#include <algorithm>

namespace supportd::outbox {
namespace {
using namespace std::chrono_literals;
// Other daemons' effects are found by looking; our own ring the bell, and on SQLite there are no others.
constexpr Millis longest_rest = 60s, longest_rest_alone = 15min;
constexpr Millis after_trouble = 2s;

// Counts a sender while it has something in hand, however that ends.
struct Busy {
  explicit Busy(std::atomic<int>& of) : count(of) { ++count; }
  ~Busy() { --count; }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;
  std::atomic<int>& count;
};

}  // namespace

Senders::Senders(Outbox& outbox, store::Ledger& ledger, time::Clock& clock, Options options)
    : outbox_(outbox), ledger_(ledger), clock_(clock), options_(std::move(options)) {
  if (ledger_.engine() == store::Engine::sqlite) ledger_.write([](store::Tx& tx) { void_leases(tx); });
  for (int i = 0; i < options_.threads; ++i) {
    threads_.push_back(clock_.spawn("sender-" + std::to_string(i), [this, i] { run(i); }));
  }
}

Senders::~Senders() {
  drain();
  stop_.request_stop();
  threads_.clear();
}

void Senders::drain() {
  drain_.request_stop();
  Doorbell& door = outbox_.doorbell();
  const std::lock_guard lock(door.mutex);
  ++door.rung;
  clock_.ring(door.bell);
}

void Senders::run(int number) {
  for (std::int64_t turn = 0; !drain_.stop_requested(); ++turn) {
    std::uint64_t seen = 0;
    {
      const std::lock_guard lock(outbox_.doorbell().mutex);
      seen = outbox_.doorbell().rung;
    }
    try {
      if (step(options_.owner + "/" + std::to_string(number) + "/" + std::to_string(turn))) continue;
      rest(seen);
    } catch (const std::exception& error) {
      options_.trouble(error);
      std::unique_lock lock(outbox_.doorbell().mutex);
      const Instant until = clock_.now() + after_trouble;
      while (!drain_.stop_requested() && clock_.now() < until) clock_.wait(lock, outbox_.doorbell().bell, until);
    }
  }
}

bool Senders::step(const std::string& token) {
  options_.pulse(longest_rest);
  auto lease = ledger_.write([&](store::Tx& tx) { return lease_next(tx, outbox_, token, tx.lease_now()); },
                             store::WritePriority::urgent);
  options_.well();
  if (!lease) return false;
  Outcome outcome;
  bool kept = false;
  {
    const Busy busy(busy_);
    options_.pulse(2 * lease->traits.deadline);
    outcome = act(*lease, clock_, stop_.get_token());
    kept = ledger_.write([&](store::Tx& tx) { return end(tx, outbox_, *lease, outcome, tx.lease_now()); },
                         store::WritePriority::urgent);
  }
  options_.report({*lease, outcome, kept});
  return true;
}

void Senders::rest(std::uint64_t seen) {
  const Instant due = ledger_.read([](store::Tx& tx) { return next_due(tx); });
  const Instant now = clock_.now();
  const bool alone = ledger_.engine() == store::Engine::sqlite;
  const Instant until = std::min(due, now + (alone ? longest_rest_alone : longest_rest));
  Doorbell& door = outbox_.doorbell();
  std::unique_lock lock(door.mutex);
  while (door.rung == seen && clock_.now() < until) {
    options_.pulse(longest_rest);  // the machine's clock looks up six times in that
    clock_.wait(lock, door.bell, until);
  }
}

}  // namespace supportd::outbox
