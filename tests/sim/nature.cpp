#include "tests/sim/nature.hpp"

#include <algorithm>
#include <iterator>

namespace supportd::sim {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

// Shortly before clocks change in Sao Paulo's past, New York, Berlin, and at a year's end.
constexpr const char* beginnings[] = {"2026-02-27T00:00:00Z", "2026-03-20T00:00:00Z", "2026-10-16T00:00:00Z",
                                      "2026-12-12T00:00:00Z", "2028-02-10T00:00:00Z"};

Millis any(fakes::Random& random, Millis from, Millis to) {
  return from + Millis{random.below(static_cast<std::uint64_t>((to - from).count()) + 1)};
}

}  // namespace

Nature Nature::of(std::uint64_t seed) {
  fakes::Random random(fakes::seed_for(seed, "nature"));
  Nature out;
  out.seed = seed;
  out.begin = time::parse_instant(beginnings[random.below(std::size(beginnings))]).value() + any(random, 0ms, 48h);
  out.quiet = out.begin + days{30};
  out.end = out.quiet + days{10};
  const auto instant = [&] { return out.begin + any(random, 6h, days{28}); };

  out.tickets = 100 + static_cast<int>(random.below(20));
  out.desk_lag = Millis{random.below(3) * 700};
  out.aws_lag = random.chance(500'000) ? Millis{0} : any(random, 1s, 60s);
  out.aws_clock_offset = random.chance(700'000) ? Millis{0} : any(random, -100s, 100s);
  out.aws_refuses_replies = random.chance(250'000);
  out.closing_needs_cause = random.chance(300'000);

  // Each by a stream of its own, so that what else a seed is stays what it was.
  fakes::Random desks(fakes::seed_for(seed, "two desks"));
  out.two_desks = desks.chance(500'000);
  out.follows = out.two_desks && desks.chance(500'000);
  out.automations = out.two_desks && desks.chance(250'000);
  out.webhooks = out.two_desks && desks.chance(500'000);
  if (out.two_desks && desks.chance(300'000)) out.zendesk_skew = any(desks, -10min, 10min);
  if (out.two_desks && desks.chance(300'000)) out.remapping = out.begin + any(desks, 24h, days{25});
  out.first_owns = out.two_desks && !out.automations && !out.remapping &&
                   fakes::Random(fakes::seed_for(seed, "owner")).chance(400'000);
  out.quarrels = out.two_desks && !out.automations && !out.first_owns &&
                 fakes::Random(fakes::seed_for(seed, "quarrels")).chance(250'000);
  out.aws_events = fakes::Random(fakes::seed_for(seed, "aws events")).chance(500'000);

  // From one fault in 2,000 calls of each kind to one in 100.
  const std::uint64_t often[] = {500, 2'000, 5'000, 10'000};
  out.faults = fakes::FaultRates::evenly(often[random.below(std::size(often))]);
  out.faults.per_million[fakes::Fault::storm_429] /= 10;
  for (std::uint64_t n = random.below(4); n > 0; --n) {
    const Instant from = instant();
    out.outages.push_back({random.chance(500'000), from, from + any(random, 30min, 9h)});
  }

  out.crashes = 4 + static_cast<int>(random.below(8));
  for (std::uint64_t n = random.below(3); n > 0; --n) out.restarts.push_back(instant());
  if (random.chance(250'000)) {
    const Instant copied = instant();
    out.restores.push_back({copied, copied + any(random, 20h, 26h)});
  }
  if (random.chance(250'000)) {
    for (std::uint64_t n = 1 + random.below(3); n > 0; --n) {
      out.wall_steps.push_back({instant(), any(random, -90s, 90s)});
    }
    std::ranges::sort(out.wall_steps, {}, &Step::at);
  }
  fakes::Random promises(fakes::seed_for(seed, "promises"));
  for (std::uint64_t n = promises.below(5); n > 0; --n) {
    out.promises_change.push_back(out.begin + any(promises, 24h, days{26}));
  }
  for (std::uint64_t n = promises.below(3); n > 0; --n) {
    out.pauses.push_back({out.begin + any(promises, 24h, days{26}), any(promises, 20min, 14h)});
  }
  std::ranges::sort(out.restarts);
  const std::uint64_t stays[] = {200'000, 800'000, 950'000};
  out.stay = stays[random.below(std::size(stays))];
  return out;
}

}  // namespace supportd::sim
