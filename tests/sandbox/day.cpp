#include "tests/sandbox/day.hpp"

#include <algorithm>
#include <set>

namespace supportd::sandbox {
namespace {

// How often a condition is looked at, in real time.
constexpr double look_every_ms = 100;

}  // namespace

Day::Day(time::Clock& clock, Actions& actions, const std::string& script) : clock_(clock), actions_(actions) {
  const auto document = json::Document::parse(script, "the script");
  for (const auto& action : document.root().at("actions").items()) {
    const auto at = time::parse_length(action.at("at").string());
    if (!at) throw Error(ErrorKind::config, action.path() + "/at: " + at.error().what);
    steps_.push_back({*at, action.string("ticket", ""), action.dump()});
  }
  std::ranges::stable_sort(steps_, {}, &Step::at);
  thread_ = clock_.spawn("sandbox-day", [this] { play(); });
}

Day::~Day() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    clock_.ring(bell_);
  }
  thread_.reset();
}

void Day::begin() {
  std::lock_guard lock(mutex_);
  if (begun_) return;
  begun_ = clock_.now();
  clock_.ring(bell_);
}

void Day::play() {
  const Millis pause{std::max<std::int64_t>(1, static_cast<std::int64_t>(look_every_ms * clock_.speed()))};
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (!begun_) {
      clock_.wait(lock, bell_);
      continue;
    }
    const Instant now = clock_.now();
    if (failed_.empty()) play_due(now);
    clock_.wait(lock, bell_, now + pause);
  }
}

void Day::play_due(Instant now) {
  std::set<std::string> held_back;
  waiting_.clear();
  for (Step& step : steps_) {
    if (step.done || *begun_ + step.at > now || held_back.contains(step.ticket)) continue;
    const auto action = json::Document::parse(step.text, "the action");
    try {
      step.done = actions_.perform(action.root(), now);
    } catch (const Error& error) {
      failed_ = step.text + ": " + error.what();
      return;
    }
    if (step.done) continue;
    if (waiting_.empty()) waiting_ = step.text;
    if (!step.ticket.empty()) held_back.insert(step.ticket);
  }
}

Day::Progress Day::progress() const {
  std::lock_guard lock(mutex_);
  Progress out;
  out.begun = begun_.has_value();
  out.all = steps_.size();
  out.done = static_cast<std::size_t>(std::ranges::count(steps_, true, &Step::done));
  out.ended = out.done == out.all;
  out.waiting = waiting_;
  out.failed = failed_;
  return out;
}

}  // namespace supportd::sandbox
