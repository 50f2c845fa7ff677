#include "daemon/run/waiting.hpp"

#include "daemon/run/patience.hpp"

namespace supportd::run {

void rest(JobContext& context, Millis length) { rest(context.clock, context.stop, length); }

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
