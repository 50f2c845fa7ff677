#include "daemon/run/record.hpp"

#include <algorithm>

#include "daemon/error.hpp"

namespace supportd::run {
namespace {

template <class All>
auto named(const All& all, std::string_view text, const char* what) {
  const auto found = std::ranges::find(all, text, [](auto value) { return to_text(value); });
  if (found == all.end()) {
    throw Error(ErrorKind::corrupt, std::string("ledger: unknown ") + what + " '" + std::string(text) + "'");
  }
  return *found;
}

}  // namespace

std::string_view to_text(Trigger trigger) {
  switch (trigger) {
    case Trigger::schedule: return "schedule";
    case Trigger::catch_up: return "catch_up";
    case Trigger::retry: return "retry";
    case Trigger::cli: return "cli";
    case Trigger::signal: return "signal";
    case Trigger::http: return "http";
    case Trigger::run_once: return "run_once";
    case Trigger::event: return "event";
  }
  return "";
}

std::string_view to_text(RunState state) {
  switch (state) {
    case RunState::queued: return "queued";
    case RunState::armed: return "armed";
    case RunState::running: return "running";
    case RunState::done: return "done";
  }
  return "";
}

std::string_view to_text(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok: return "ok";
    case Outcome::failed: return "failed";
    case Outcome::timeout: return "timeout";
    case Outcome::cancelled: return "cancelled";
    case Outcome::lost: return "lost";
  }
  return "";
}

std::string_view to_text(SkipReason reason) {
  switch (reason) {
    case SkipReason::overlap: return "overlap";
    case SkipReason::paused: return "paused";
    case SkipReason::catch_up_window: return "catch_up_window";
    case SkipReason::coalesced: return "coalesced";
    case SkipReason::gap: return "gap";
    case SkipReason::budget: return "budget";
    case SkipReason::superseded: return "superseded";
    case SkipReason::shutdown: return "shutdown";
  }
  return "";
}

Trigger trigger_of(std::string_view text) { return named(triggers, text, "trigger"); }
RunState run_state_of(std::string_view text) {
  return named(std::array{RunState::queued, RunState::armed, RunState::running, RunState::done}, text,
               "state of a run");
}
Outcome outcome_of(std::string_view text) { return named(outcomes, text, "outcome"); }
SkipReason skip_reason_of(std::string_view text) { return named(skip_reasons, text, "reason of a skip"); }

}  // namespace supportd::run
