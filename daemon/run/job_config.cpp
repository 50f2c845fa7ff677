#include "daemon/run/job.hpp"
#include "daemon/time/clock.hpp"

namespace supportd::run {
namespace {

using namespace std::chrono_literals;

std::string zone_name(const time::Zone& zone) { return zone.name(); }

// Gaps and overlaps are those of the year to come, so that the machine's time is asked.
void warn_of_surprises(config::Binder& b, const JobConfig& job) {
  const auto schedule = Schedule::parse(job.schedule.value_or(""), job.zone);
  if (!schedule) return;
  for (const auto& line : schedule->lint(time::MachineClock().now())) b.warn("schedule", line);
}

}  // namespace

void bind(config::Binder& b, CatchUp& catch_up) {
  b.choice("mode", catch_up.mode,
           {{"none", CatchUpMode::none}, {"latest", CatchUpMode::latest}, {"all", CatchUpMode::all}});
  b.field("window", catch_up.window, config::between(0s, 366 * 24h));
  b.field("max", catch_up.max, config::between(1, 1000));
}

void bind(config::Binder& b, Retries& retries) {
  b.field("max", retries.max, config::between(0, 100));
  b.field("base", retries.backoff.base, config::between(1ms, 24h));
  b.field("cap", retries.backoff.cap, config::between(1ms, 24h));
  if (retries.backoff.base > retries.backoff.cap) b.flaw("base", "is longer than cap, the longest there is");
}

void bind(config::Binder& b, JobConfig& job) {
  b.field("kind", job.kind);
  b.text("zone", job.zone, time::Zone::find, zone_name);
  b.field("schedule", job.schedule, [&](const std::string& text) -> config::Complaint {
    if (text.empty()) return {};
    const auto parsed = Schedule::parse(text, job.zone);
    if (parsed) return {};
    return config::to_text(parsed.error());
  });
  warn_of_surprises(b, job);
  b.field("jitter", job.jitter, config::between(0s, 24h));
  b.table("catch_up", job.catch_up);
  b.choice("overlap", job.overlap, {{"skip", Overlap::skip}, {"queue", Overlap::queue}});
  b.field("timeout", job.timeout, config::between(1s, 7 * 24h));
  b.table("retries", job.retries);
  b.field("signal_slot", job.signal_slot, config::between(1, 29));
  b.field("paused", job.paused);
  b.field("arguments", job.arguments);
}

void bind(config::Binder& b, RunOnce& once) {
  b.field("id", once.id, config::plain_name());
  b.field("job", once.job, config::not_empty());
  b.field("arguments", once.arguments);
  b.require({"id", "job"});
}

}  // namespace supportd::run
