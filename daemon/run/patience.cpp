#include "daemon/run/patience.hpp"

namespace supportd::run {

void rest(time::Clock& clock, const std::stop_token& stop, Millis length) {
  std::mutex mutex;
  time::Bell bell;
  const std::stop_callback on_stop(stop, [&] {
    const std::lock_guard lock(mutex);
    clock.ring(bell);
  });
  const Instant until = clock.now() + length;
  std::unique_lock lock(mutex);
  while (clock.now() < until && !stop.stop_requested()) clock.wait(lock, bell, until);
  if (stop.stop_requested()) throw Error(ErrorKind::stopped, "the run was stopped");
}

void Patience::tell_wait(const std::string& cause, Millis pause) const {
  Report waiting = so_far_;
  waiting.summary += (waiting.summary.empty() ? "" : "; ") + ("waits " + time::to_text(pause) + ": " + cause);
  context_.tell(waiting);
}

}  // namespace supportd::run
