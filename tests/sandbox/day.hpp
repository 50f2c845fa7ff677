// Plays a script of actions, each at its time since the day began. Actions of one ticket keep their order: one that has
// to wait holds back the later ones of that ticket, and no others.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/time/clock.hpp"
#include "tests/sandbox/actions.hpp"

namespace supportd::sandbox {

// The support day that the demo plays: {"actions": [{"at": "30s", "do": ...}, ...]}.
std::string builtin_day();

class Day {
 public:
  // Throws Error{config} for a script that cannot be understood. The day begins with begin().
  Day(time::Clock& clock, Actions& actions, const std::string& script);
  ~Day();

  // With the first call of the daemon; later calls do nothing.
  void begin();

  struct Progress {
    bool begun = false;
    bool ended = false;  // every action is done
    std::size_t done = 0, all = 0;
    std::string waiting;  // the first action that waits for its condition; empty: none
    std::string failed;   // why the script stopped; empty: it did not
  };
  Progress progress() const;

 private:
  struct Step {
    Millis at;
    std::string ticket, text;
    bool done = false;
  };
  void play();
  void play_due(Instant now);

  time::Clock& clock_;
  Actions& actions_;
  mutable std::mutex mutex_;
  time::Bell bell_;
  // Guarded by mutex_.
  std::vector<Step> steps_;
  std::optional<Instant> begun_;
  bool stopping_ = false;
  std::string waiting_, failed_;

  std::unique_ptr<time::Thread> thread_;
};

}  // namespace supportd::sandbox
