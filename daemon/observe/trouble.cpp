#include "daemon/observe/trouble.hpp"

namespace supportd::observe {
namespace {
constexpr Millis say_again = std::chrono::minutes{1};
}  // namespace

void Trouble::met(const std::string& error) {
  const std::lock_guard lock(mutex_);
  const Instant now = clock_.now();
  const bool say = !state_ || state_->error != error || now >= state_->said + say_again;
  if (!state_) state_ = State{now, now, error};
  state_->error = error;
  any_ = true;
  if (!say) return;
  state_->said = now;
  log_.error("cannot go on, tries again", {{"who", who_}, {"error", error}, {"since", state_->since}});
}

void Trouble::over() {
  if (!any_) return;
  const std::lock_guard lock(mutex_);
  if (!state_) return;
  log_.info("goes on again", {{"who", who_}, {"since", state_->since}});
  state_.reset();
  any_ = false;
}

std::optional<std::string> Trouble::text() const {
  if (!any_) return {};
  const std::lock_guard lock(mutex_);
  if (!state_) return {};
  return "the " + who_ + " cannot go on since " + time::to_text(state_->since) + ": " + state_->error;
}

}  // namespace supportd::observe
