#include "daemon/run/retry.hpp"

#include <algorithm>

namespace supportd::run {

std::optional<RunRow> retry_of(const Job& job, const RunRow& failed, std::optional<ErrorKind> kind,
                               std::optional<Millis> retry_after, Instant now) {
  const Retries& retries = job.config.retries;
  if (failed.attempt > retries.max) return {};
  if (kind == ErrorKind::config || kind == ErrorKind::refused) return {};
  const Millis backoff = delay_after(failed.attempt, retries.backoff, static_cast<std::uint64_t>(failed.id));
  RunRow retry = failed;
  retry.attempt = failed.attempt + 1;
  retry.trigger = Trigger::retry;
  retry.created = now;
  retry.start_at = now + std::max(backoff, retry_after.value_or(Millis{0}));
  return retry;
}

}  // namespace supportd::run
