// Calls that wait as long as the far side or the budget ask.
#pragma once

#include <algorithm>
#include <mutex>
#include <stop_token>

#include "daemon/error.hpp"
#include "daemon/run/job.hpp"
#include "daemon/time/clock.hpp"

namespace supportd::run {

// Throws Error{stopped} when the wait is cut short.
void rest(time::Clock& clock, const std::stop_token& stop, Millis length);

// The call's answer. Throws what the call throws; throttling too once a wait would go beyond `until`. Each wait is told
// before it begins: its cause and its length.
template <class Call, class Told>
auto patiently(time::Clock& clock, const std::stop_token& stop, Instant until, Call call, Told told) {
  for (;;) {
    Millis pause{};
    try {
      return call();
    } catch (const Error& error) {
      pause = std::max<Millis>(error.retry_after().value_or(Millis{5'000}), Millis{1'000});
      if (error.kind() != ErrorKind::throttled || clock.now() + pause > until) throw;
      told(error, pause);
    }
    rest(clock, stop, pause);
  }
}
template <class Call>
auto patiently(time::Clock& clock, const std::stop_token& stop, Instant until, Call call) {
  return patiently(clock, stop, until, std::move(call), [](const Error&, Millis) {});
}

// The patience of a run that has all the time there is: who watches sees what it waits for beside how far it got.
class Patience {
 public:
  explicit Patience(JobContext& context) : context_(context) {}
  void tell(Report so_far) {
    so_far_ = std::move(so_far);
    context_.tell(so_far_);
  }
  template <class Call>
  auto operator()(Call call) {
    return patiently(context_.clock, context_.stop, time::never, std::move(call),
                     [&](const Error& error, Millis pause) { tell_wait(error.what(), pause); });
  }

 private:
  void tell_wait(const std::string& cause, Millis pause) const;

  JobContext& context_;
  Report so_far_;
};

}  // namespace supportd::run
