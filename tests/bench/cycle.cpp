// A cycle of changes in a large SQLite ledger of two desks: Zendesk lists its changed tickets, half of them with a new
// comment, half with another priority; each is read and ingested, and what is owed to its counterpart at Freshdesk is
// sent. CPU of the process without that of the two fakes, which answer in it and are measured apart; resident memory
// with them. Every ticket has five comments and a counterpart; those that change are spread evenly over the ledger.
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iostream>

#include "connectors/freshdesk/client.hpp"
#include "tests/bench/desk_room.hpp"
#include "tests/bench/linked_ledger.hpp"
#include "tests/bench/report.hpp"
#include "tests/bench/zendesk_account.hpp"
#include "tests/fakes/freshdesk.hpp"
#include "tests/fakes/scratch.hpp"

namespace supportd::bench {
namespace {

using namespace std::chrono_literals;

constexpr const char* settings =
    "[desk_sync]\nbaseline = \"2020-01-01T00:00:00Z\"\n[desk_sync.freshdesk.main]\ncounterpart = \"all\"\n";
// What is owed at the start would trip the blast limits.
constexpr const char* unlimited =
    "[desk_sync]\nbaseline = \"2020-01-01T00:00:00Z\"\nmost_effects_an_hour = 0\nmost_effects_a_ticket = 0\n"
    "[desk_sync.freshdesk.main]\ncounterpart = \"all\"\n";
constexpr const char* priorities[] = {"low", "normal", "high", "urgent"};

fakes::FreshdeskOptions no_limits() {
  fakes::FreshdeskOptions out;
  out.calls_per_minute = out.creates_per_minute = out.updates_per_minute = 0;
  out.lists_per_minute = out.contacts_per_minute = 0;
  return out;
}

double status_mib(const std::string& name) {
  std::ifstream in("/proc/self/status");
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with(name + ":")) return std::stod(line.substr(name.size() + 1)) / 1024;
  }
  throw std::runtime_error("no " + name);
}

// The peak is reckoned anew from here.
void forget_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

// In a process of its own, whose memory is not ours.
void multiply_aside(const std::filesystem::path& small, const std::filesystem::path& large, int times) {
  const pid_t child = ::fork();
  if (child == 0) {
    try {
      multiply(small, large, times);
      ::_exit(0);
    } catch (const std::exception& error) {
      std::cerr << "multiply: " << error.what() << '\n';
      ::_exit(1);
    }
  }
  int status = 0;
  if (::waitpid(child, &status, 0) != child || status != 0) throw std::runtime_error("the ledger was not multiplied");
}

struct World {
  explicit World(int changed) : zendesk(clock, changed) {
    fresh.add_agent("supportd", "bot@desk.example", "key");
    net.route(ZendeskAccount::host, zendesk.metered);
    net.route("acme.freshdesk.com", fresh_metered);
    for (int said = 0; said < 4; ++said) {
      for (const std::int64_t id : zendesk.ids) say(id, "Please try it again with the new credentials.", said % 2 == 0);
      clock.at += 10min;
    }
  }

  connectors::Desks::All connect() {
    return {{ZendeskAccount::system, zendesk.connect(net)},
            {"freshdesk:main",
             std::make_shared<connectors::freshdesk::Client>(
                 net, clock, connectors::freshdesk::ClientOptions{.base_url = "https://acme.freshdesk.com"},
                 [](const std::string&) { return "key"; })}};
  }
  void say(std::int64_t id, const std::string& text, bool by_agent) {
    if (by_agent) {
      zendesk.zen.agent_replies(id, zendesk.agent, text, {}, clock.at);
    } else {
      zendesk.zen.customer_replies(id, text, {}, clock.at);
    }
  }
  void change(int round) {
    for (std::size_t i = 0; i < zendesk.ids.size(); ++i) {
      const std::int64_t id = zendesk.ids[i];
      if (i % 2 == 0) {
        say(id, "It works since this morning, round " + std::to_string(round) + ".", true);
      } else {
        zendesk.zen.agent_sets(
            id,
            [&](fakes::ZendeskTicket& it) {
              const auto at = std::ranges::find(priorities, it.priority) - std::begin(priorities);
              it.priority = priorities[(at + 1) % 4];
            },
            clock.at);
      }
    }
    clock.at += 2min;  // the export leaves out the last
  }
  double fake_cpu() const { return zendesk.metered.cpu + fresh_metered.cpu; }
  long calls() const { return zendesk.metered.calls + fresh_metered.calls; }

  fakes::SetClock clock{Instant{1'800'000'000'000ms}};
  fakes::FaultPlan faults;
  fakes::Net net{clock, faults};
  ZendeskAccount zendesk;
  fakes::Freshdesk fresh{no_limits()};
  Metered fresh_metered{fresh};
};

// Both desks read and written until nothing happens any more.
void settle(World& world, DeskRoom& room) {
  for (int quiet = 0; quiet < 3;) {
    world.clock.at += 2min;
    const auto report = room.run("desk_sync");
    const bool read = report.counts.at("rows") > report.counts.at("unchanged");
    quiet = room.send_all() > 0 || read ? 0 : quiet + 1;
  }
}

void run(int tickets, int changed, long rounds) {
  const fakes::Scratch scratch;
  World world(changed);
  const auto small = scratch / "small.db", large = scratch / "large.db";
  {
    DeskRoom room(small, world.clock, world.net, unlimited, world.connect(), false);
    settle(world, room);
  }
  const Stopwatch filling;
  multiply_aside(small, large, tickets / changed);
  Series filled{"filled_seconds", {filling.wall()}}, size{"ledger_mib"}, pull{"pull_cpu"}, send{"send_cpu"},
      fake{"fake_cpu"}, calls{"calls"}, peak{"peak_rss_mib"}, wall{"wall_seconds"};
  size.rounds.push_back(static_cast<double>(std::filesystem::file_size(large)) / 1024 / 1024);

  DeskRoom room(large, world.clock, world.net, settings, world.connect());
  room.ledger().tidy();
  settle(world, room);
  for (long round = 0; round < rounds; ++round) {
    world.clock.at += 3h;
    world.change(static_cast<int>(round));
    forget_peak();
    const double fake_before = world.fake_cpu();
    const long calls_before = world.calls();
    const Stopwatch watch;
    const auto report = room.run("desk_sync");
    const double pull_fake = world.fake_cpu() - fake_before, pull_cpu = watch.cpu();
    const int sent = room.send_all();
    const double all_fake = world.fake_cpu() - fake_before;
    send.rounds.push_back(watch.cpu() - pull_cpu - (all_fake - pull_fake));
    pull.rounds.push_back(pull_cpu - pull_fake);
    wall.rounds.push_back(watch.wall());
    fake.rounds.push_back(all_fake);
    calls.rounds.push_back(static_cast<double>(world.calls() - calls_before));
    peak.rounds.push_back(status_mib("VmHWM"));
    const int half = changed / 2;
    if (report.counts.at("messages") != changed - half || report.counts.at("changes") != half || sent != changed)
      throw std::runtime_error("the cycle was another: " + report.summary + ", " + std::to_string(sent) + " sent");
    settle(world, room);
  }
  print({filled, size, pull, send, fake, calls, peak, wall});
}

}  // namespace
}  // namespace supportd::bench

int main(int argc, char** argv) {
  using namespace supportd::bench;
  try {
    const long changed = option(argc, argv, "changed", 1000);
    run(static_cast<int>(option(argc, argv, "tickets", 100'000)), static_cast<int>(changed),
        option(argc, argv, "rounds", 5));
  } catch (const std::exception& error) {
    std::cerr << "bench_cycle: " << error.what() << '\n';
    return 1;
  }
}
