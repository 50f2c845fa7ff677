// Business time on a calendar of 180 holidays in five years: building it, `between` and `add` over random pairs, near
// and far, and a million tickets of three targets evaluated anew. Prints nanoseconds a call, by round.
#include <iostream>
#include <random>

#include "jobs/calendar/calendar.hpp"
#include "tests/bench/report.hpp"

namespace supportd::bench {
namespace {

using calendar::Calendar;

constexpr int calls = 1'000'000;
constexpr int tickets = 1'000'000, targets = 3;

calendar::Definition definition() {
  calendar::Definition out;
  out.zone = time::Zone::find("Asia/Seoul").value();
  for (unsigned day = 1; day <= 5; ++day) out.week[day] = calendar::parse_hours("09:00-12:00, 13:00-18:00").value();
  const calendar::Day first = calendar::parse_day("2024-01-01").value();
  std::mt19937 random(1);
  while (out.holidays.size() < 180) {
    out.holidays[first + date::days{static_cast<int>(random() % (5 * 365))}] = {"holiday", ""};
  }
  return out;
}

struct Pair {
  Instant from, to;
};

std::vector<Pair> pairs(Millis longest, std::mt19937_64& random) {
  const Instant first = time::parse_instant("2024-01-01T00:00:00Z").value();
  const auto below = [&](Millis most) {
    return Millis{static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(most.count()))};
  };
  std::vector<Pair> out(calls);
  for (Pair& it : out) {
    it.from = first + below(std::chrono::days{4 * 365});
    it.to = it.from + below(longest);
  }
  return out;
}

// Nanoseconds of CPU a call.
template <class Work>
double each(int count, Work work) {
  const Stopwatch watch;
  work();
  return watch.cpu() * 1e9 / count;
}

void run(int rounds) {
  std::mt19937_64 random(2);
  const Calendar it(definition());
  const auto near = pairs(std::chrono::days{10}, random), far = pairs(std::chrono::days{365}, random);
  Series build{"build_us"}, between_near{"between_10_days_ns"}, between_far{"between_a_year_ns"},
      add_near{"add_10_days_ns"}, add_far{"add_a_year_ns"}, evaluate{"a_million_tickets_ms"};
  std::int64_t kept = 0;  // so that nothing is left out
  const auto between = [&](const std::vector<Pair>& all) {
    return each(calls, [&] {
      for (const Pair& one : all) kept += it.between(one.from, one.to).count();
    });
  };
  const auto add = [&](const std::vector<Pair>& all) {
    return each(calls, [&] {
      for (const Pair& one : all) {
        const auto reached = it.add(one.from, (one.to - one.from) / 4);
        kept += reached ? reached->latest.time_since_epoch().count() : 0;
      }
    });
  };
  // What is left of each target now, of clocks that last changed at some time in the last ten days.
  const Instant now = time::parse_instant("2026-03-16T09:00:00Z").value();
  std::vector<Instant> changed(tickets);
  std::vector<Millis> used(tickets);
  for (int i = 0; i < tickets; ++i) {
    changed[static_cast<std::size_t>(i)] = now - Millis{static_cast<std::int64_t>(random() % 864'000'000)};
    used[static_cast<std::size_t>(i)] = Millis{static_cast<std::int64_t>(random() % 36'000'000)};
  }
  const Millis lengths[targets] = {std::chrono::hours{4}, std::chrono::hours{24}, std::chrono::hours{72}};
  for (int round = 0; round < rounds; ++round) {
    build.rounds.push_back(each(1, [] { const Calendar fresh(definition()); }) / 1e3);
    between_near.rounds.push_back(between(near));
    between_far.rounds.push_back(between(far));
    add_near.rounds.push_back(add(near));
    add_far.rounds.push_back(add(far));
    evaluate.rounds.push_back(each(1,
                                   [&] {
                                     for (std::size_t i = 0; i < tickets; ++i) {
                                       const Millis elapsed = used[i] + it.between(changed[i], now);
                                       for (const Millis length : lengths) kept += elapsed > length ? 1 : 0;
                                     }
                                   }) /
                              1e6);
  }
  print({build, between_near, between_far, add_near, add_far, evaluate});
  if (kept == 0) std::cerr << "nothing was computed\n";
}

}  // namespace
}  // namespace supportd::bench

int main(int argc, char** argv) {
  supportd::bench::run(static_cast<int>(supportd::bench::option(argc, argv, "rounds", 5)));
}
