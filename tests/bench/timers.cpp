// Jobs due within 4 s, evenly spread: how late each is, from its nominal instant to the first line of its code. The
// scheduler records its decision and the start in the ledger before that; the reference, bare Asio timers on one
// thread, records nothing. Lateness in microseconds; `early` counts runs before their instant.
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <latch>
#include <optional>

#include "daemon/run/jitter.hpp"
#include "daemon/run/scheduler.hpp"
#include "tests/bench/report.hpp"
#include "tests/fakes/scratch.hpp"

namespace supportd::bench {
namespace {

using namespace std::chrono_literals;

constexpr Millis spread = 4s;

double micros(std::chrono::nanoseconds length) { return std::chrono::duration<double, std::micro>(length).count(); }

std::vector<double> with_asio(int jobs) {
  boost::asio::io_context loop;
  std::vector<double> late(static_cast<std::size_t>(jobs));
  std::vector<boost::asio::steady_timer> timers;
  timers.reserve(late.size());
  const auto start = std::chrono::steady_clock::now() + 500ms;
  for (std::size_t i = 0; i < late.size(); ++i) {
    const auto due = start + run::jitter_of(std::to_string(i), spread);
    timers.emplace_back(loop, due).async_wait([&late, i, due](const boost::system::error_code&) {
      late[i] = micros(std::chrono::steady_clock::now() - due);
    });
  }
  loop.run();
  return late;
}

// Six fields that name one second.
std::string once_at(Instant at) {
  const std::string text = time::to_text(at);  // 2026-01-01T00:00:00.000Z
  const auto part = [&](std::size_t from) { return std::to_string(std::stoi(text.substr(from, 2))); };
  return part(17) + " " + part(14) + " " + part(11) + " " + part(8) + " " + part(5) + " *";
}

std::vector<double> with_scheduler(int jobs) {
  const fakes::Scratch scratch;
  time::MachineClock clock;
  auto steps = run::Scheduler::migrations();
  for (auto& step : run::Deadlines::migrations()) steps.push_back(std::move(step));
  store::Ledger ledger(scratch.ledger(store::Engine::sqlite), clock, steps);
  observe::Log log(clock, [](const observe::Record&) {});
  observe::Metrics metrics;
  observe::Pulses pulses(clock);
  run::Deadlines deadlines(ledger, log, metrics);

  std::vector<double> late(static_cast<std::size_t>(jobs));
  std::latch all(jobs);
  run::JobKind kind{.name = "due",
                    .help = "Says when it began.",
                    .arguments = {{.name = "number", .help = "Which one it is."}},
                    .run = {},
                    .affordable = {}};
  kind.run = [&](run::JobContext& context) {
    const auto now = std::chrono::system_clock::now();
    const std::string& number = context.arguments.at("number");
    late[std::stoul(number)] = micros(now - (context.slot + run::jitter_of(number, spread)));
    all.count_down();
    return run::Report{};
  };
  // Making the jobs takes part of this; whatever is due before they are made is run late and would show.
  const Instant start = std::chrono::ceil<std::chrono::seconds>(clock.now() + 2s + 1ms * (jobs / 2));
  run::JobSet set;
  for (int i = 0; i < jobs; ++i) {
    set.jobs[std::to_string(i)] = {
        .kind = "due", .schedule = once_at(start), .jitter = spread, .arguments = {{"number", std::to_string(i)}}};
  }
  run::Scheduler scheduler(ledger, clock, log, metrics, pulses, deadlines, {kind}, {.owner = "bench"});
  scheduler.start(set);
  all.wait();
  scheduler.stop(clock.now() + 10s);
  return late;
}

void add(std::vector<Series>& out, const std::string& who, const std::vector<double>& late) {
  const auto put = [&](const std::string& what, double value) {
    for (Series& series : out) {
      if (series.name == who + "_" + what) return series.rounds.push_back(value);
    }
    out.push_back({who + "_" + what, {value}});
  };
  put("p50_us", percentile(late, 50));
  put("p99_us", percentile(late, 99));
  put("max_us", percentile(late, 100));
  put("early", static_cast<double>(std::ranges::count_if(late, [](double one) { return one < 0; })));
}

}  // namespace
}  // namespace supportd::bench

int main(int argc, char** argv) {
  using namespace supportd::bench;
  const int jobs = static_cast<int>(option(argc, argv, "jobs", 10'000));
  const long rounds = option(argc, argv, "rounds", 5);
  std::vector<Series> out;
  for (long round = 0; round < rounds; ++round) {
    add(out, "asio", with_asio(jobs));
    add(out, "scheduler", with_scheduler(jobs));
  }
  print(out);
}
