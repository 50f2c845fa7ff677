// The words in which the ledger records what became of jobs.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "daemon/time/instant.hpp"

namespace supportd::run {

// What asked for a run.
enum class Trigger {
  schedule,  // its slot came
  catch_up,  // its slot had come while nobody was there to run it
  retry,     // the attempt before failed
  cli,       // supportctl run
  signal,    // a real-time signal
  http,      // the API
  run_once,  // [[run_once]] in the configuration
  event,     // the daemon itself, told by the outside that there is something to do
};
inline constexpr std::array triggers{Trigger::schedule, Trigger::catch_up, Trigger::retry,   Trigger::cli,
                                     Trigger::signal,   Trigger::http,     Trigger::run_once, Trigger::event};

enum class RunState {
  queued,
  armed,  // decided ahead of its slot: begins at start_at, and is recorded as running a moment later
  running,
  done,
};

enum class Outcome {
  ok,
  failed,
  timeout,    // ran longer than it may and was told to stop
  cancelled,  // by an operator, by a newer slot, or because its job is no longer configured
  lost,       // its daemon died
};
inline constexpr std::array outcomes{Outcome::ok, Outcome::failed, Outcome::timeout, Outcome::cancelled, Outcome::lost};

// Why a slot was not run.
enum class SkipReason {
  overlap,          // an earlier run had not ended
  paused,           // by an operator or by the configuration
  catch_up_window,  // too late: nobody was there, and catch_up does not reach that far back
  coalesced,        // a later slot's run stands for it
  gap,              // the clock was set forward over it
  budget,           // the job could not afford to run
  superseded,       // the schedule was changed
  shutdown,         // the daemon was stopping
};
inline constexpr std::array skip_reasons{SkipReason::overlap,    SkipReason::paused,  SkipReason::catch_up_window,
                                         SkipReason::coalesced,  SkipReason::gap,     SkipReason::budget,
                                         SkipReason::superseded, SkipReason::shutdown};

std::string_view to_text(Trigger trigger);
std::string_view to_text(RunState state);
std::string_view to_text(Outcome outcome);
std::string_view to_text(SkipReason reason);
// Throw Error{corrupt} on a word that is none of them.
Trigger trigger_of(std::string_view text);
RunState run_state_of(std::string_view text);
Outcome outcome_of(std::string_view text);
SkipReason skip_reason_of(std::string_view text);

// One run, asked for or under way or over.
struct RunRow {
  std::int64_t id = 0;
  std::string job{};
  std::optional<Instant> slot{};  // none: asked for outside the schedule
  int attempt = 1;
  Trigger trigger = Trigger::schedule;
  std::string actor{};      // who asked: "uid 1000", "token deploy"; empty for the schedule
  std::string reason{};     // in the asker's words
  std::string arguments{};  // JSON object of texts
  bool dry_run = false;
  RunState state = RunState::queued;
  Instant created{};
  Instant start_at{};  // not before
  std::optional<Instant> started{}, finished{};
  std::optional<Outcome> outcome{};
  std::string summary{};  // what it did; JSON of its counts behind it
  std::string counts{};
  std::string error{};
  std::string owner{};     // the daemon that answers for it
  std::int64_t fence = 0;  // grows whenever somebody else takes over
};

// Consecutive slots of a job that were skipped for one reason.
struct Stretch {
  Instant from{}, to{};  // both included
  std::int64_t count = 0;
  SkipReason reason = SkipReason::overlap;

  friend bool operator==(const Stretch&, const Stretch&) = default;
};

}  // namespace supportd::run
