#include "daemon/run/waiting.hpp"

namespace supportd::run {

void rest(JobContext& context, Millis length) {
  std::mutex mutex;
  time::Bell bell;
  const std::stop_callback on_stop(context.stop, [&] {
    const std::lock_guard lock(mutex);
    context.clock.ring(bell);
  });
  const Instant until = context.now() + length;
  std::unique_lock lock(mutex);
  while (context.now() < until && !context.stop.stop_requested()) context.clock.wait(lock, bell, until);
  if (context.stop.stop_requested()) throw Error(ErrorKind::stopped, "the run was stopped");
}

std::optional<Millis> time_until(JobContext& context, Millis every, Millis most, const std::function<bool()>& yes) {
  const auto begun = context.clock.steady();
  for (;;) {
    const auto passed = std::chrono::duration_cast<Millis>(context.clock.steady() - begun);
    if (passed > most) return {};
    if (yes()) return passed;
    rest(context, every);
  }
}

}  // namespace supportd::run
