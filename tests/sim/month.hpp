// One seed's month: the daemon lives through what its people, vendors, net and machine do, and is judged at the end.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/fakes/scratch.hpp"
#include "tests/sim/breaches.hpp"
#include "tests/sim/people.hpp"
#include "tests/sim/plant.hpp"
#include "tests/sim/process.hpp"
#include "tests/sim/visitors.hpp"

namespace supportd::sim {

struct MonthOptions {
  std::uint64_t seed = 1;
  Plant plant = Plant::none;
  std::function<void(const std::string&)> trace;  // may be empty
  std::filesystem::path keep;                     // the ledger is copied here at the end; empty: it is not
};

struct Verdict {
  std::vector<std::string> broken;
  std::map<std::string, std::int64_t>
      coverage;  // what happened, by kind: "fault cut_after", "crash at call", "deed mark"
  int tickets = 0, messages = 0;
  std::uint64_t switches = 0, trace_hash = 0;
  Instant ended{};
};

class Month {
 public:
  explicit Month(MonthOptions options);
  Verdict run();

 private:
  struct Trouble {
    Instant at{};
    std::function<void()> strike;
  };

  void plan_trouble();
  void plan_crash_at(Instant at);
  void live_until(Instant until);
  bool settled();
  void start();
  void stop();
  void restart();
  void remap();
  void change_promises();
  // Whether it took the new configuration.
  bool reload();
  void went_down() { down_since_ = baton_.now(); }
  std::optional<Instant> next_of_others() const;
  void carry_webhooks();
  int carry(const std::string& path, const http::Headers& headers, const std::string& body);
  void bury();
  void keep_lost(const std::filesystem::path& ledger);
  void judge(Verdict& out);
  void cover(Verdict& out) const;

  const MonthOptions options_;
  const Nature nature_;
  fakes::Random random_;
  fakes::Scratch scratch_;
  Baton baton_;
  Outside outside_;
  Saboteur saboteur_;
  People people_;
  Visitors visitors_;
  std::vector<Trouble> trouble_;  // by time
  std::size_t struck_ = 0;
  std::vector<std::string> broken_;  // found on the way
  std::string refused_;              // why the daemon did not start
  Instant down_until_{};
  Instant down_since_{}, copied_{};
  Downtimes down_;
  Breaches breaches_;
  int webhooks_ = 0, remappings_ = 0, pauses_ = 0, changes_ = 0;
  int lives_ = 0, restarts_ = 0, restores_ = 0, steps_ = 0;
  std::unique_ptr<Process> process_;
};

}  // namespace supportd::sim
