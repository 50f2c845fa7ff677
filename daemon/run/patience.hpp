// Calls that wait as long as the far side or the budget ask.
#pragma once

#include <algorithm>
#include <mutex>
#include <stop_token>

#include "daemon/error.hpp"
#include "daemon/time/clock.hpp"

namespace supportd::run {

// Throws Error{stopped} when the wait is cut short.
void rest(time::Clock& clock, const std::stop_token& stop, Millis length);

// The call's answer. Throws what the call throws; throttling too once a wait would go beyond `until`.
template <class Call>
auto patiently(time::Clock& clock, const std::stop_token& stop, Instant until, Call call) {
  for (;;) {
    Millis pause{};
    try {
      return call();
    } catch (const Error& error) {
      pause = std::max<Millis>(error.retry_after().value_or(Millis{5'000}), Millis{1'000});
      if (error.kind() != ErrorKind::throttled || clock.now() + pause > until) throw;
    }
    rest(clock, stop, pause);
  }
}

}  // namespace supportd::run
