// What goes wrong on the way to a vendor, decided by a seed or by a script. Thread-safe.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/http/client.hpp"
#include "tests/fakes/random.hpp"

namespace supportd::fakes {

enum class Fault {
  none,
  refuse_connect,  // nothing left this machine
  storm_429,       // this call and all to the same host for a while are throttled
  error_500,       // before any effect
  error_503,
  effect_then_500,  // the effect happened, then an error
  cut_before,       // the request left, the vendor never saw it
  cut_after,        // the vendor did it, the answer was lost
  slow,             // the answer comes late, perhaps after the deadline
  half_page,        // the first half of the body
  not_json,         // a proxy's HTML in place of the body
};
std::string_view to_text(Fault fault);
const std::vector<Fault>& all_faults();

// How often each fault strikes, per million calls.
struct FaultRates {
  std::map<Fault, std::uint64_t> per_million;
  Millis storm_length{120'000};
  // Every fault, each so often.
  static FaultRates evenly(std::uint64_t per_million_each);
};

class FaultPlan {
 public:
  FaultPlan() : random_(0) {}
  FaultPlan(std::uint64_t seed, FaultRates rates) : random_(seed_for(seed, "faults")), rates_(std::move(rates)) {}

  // The next call that `matches` gets this fault; scripted faults go before drawn ones, in order.
  void next(Fault fault, std::function<bool(const http::Request&)> matches = {});
  // From now on nothing is drawn (scripted faults stay): for the quiet end of a run.
  void calm();

  Fault decide(const http::Request& request, const std::string& host, Instant now);
  // How often each fault struck.
  std::map<std::string, int> coverage() const;
  std::uint64_t draw(std::uint64_t limit);

 private:
  Fault drawn(const http::Request& request);

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  Random random_;
  FaultRates rates_;
  bool calm_ = false;
  std::deque<std::pair<Fault, std::function<bool(const http::Request&)>>> scripted_;
  std::map<std::string, Instant> storms_;  // host -> until
  std::map<Fault, int> struck_;
};

}  // namespace supportd::fakes
