#include "daemon/run/job_series.hpp"

namespace supportd::run {
namespace {

constexpr const char* runs_total = "supportd_jobs_runs_total";
constexpr const char* skipped_total = "supportd_jobs_skipped_total";
// Enough to find the longest gap of anything that repeats within a year.
constexpr int slots_to_measure = 60;

double seconds(Millis length) { return std::chrono::duration<double>(length).count(); }
double seconds(Instant at) { return seconds(at.time_since_epoch()); }

// The words of the alert rules.
std::string result(Outcome outcome) {
  switch (outcome) {
    case Outcome::ok: return "success";
    case Outcome::failed: return "failure";
    default: return std::string(to_text(outcome));
  }
}

observe::Labels with(observe::Labels labels, const std::string& name, const std::string& value) {
  labels[name] = value;
  return labels;
}

}  // namespace

JobSeries::JobSeries(observe::Metrics& metrics, const std::string& job)
    : metrics_(metrics),
      labels_{{"job_name", job}},
      last_start_(gauge("supportd_job_last_start_timestamp_seconds", "Unix time at which the job last started.")),
      last_completion_(gauge("supportd_job_last_completion_timestamp_seconds",
                             "Unix time at which the job last ended, whatever the result.")),
      last_success_(gauge("supportd_job_last_success_timestamp_seconds", "Unix time at which the job last succeeded.")),
      interval_(gauge("supportd_job_interval_seconds",
                      "Configured longest gap between two starts of the job; the alert rules use it as their scale.")),
      duration_(gauge("supportd_job_last_duration_seconds", "Wall time of the last run of the job.")),
      running_(gauge("supportd_job_running", "1 while the job runs.")) {
  for (const Outcome outcome : outcomes) {
    runs_[outcome] = &metrics.counter(runs_total,
                                      "Finished job runs, by job and result (success, failure, timeout, "
                                      "cancelled, lost).",
                                      with(labels_, "result", result(outcome)));
  }
  for (const SkipReason reason : skip_reasons) {
    skips_[reason] = &metrics.counter(skipped_total, "Slots that were not run, by job and reason.",
                                      with(labels_, "reason", std::string(to_text(reason))));
  }
}

JobSeries::~JobSeries() {
  if (!retired_) return;
  for (const auto& [name, series] : gauges_) metrics_.remove(name, *series);
  for (const auto& [outcome, series] : runs_) metrics_.remove(runs_total, *series);
  for (const auto& [reason, series] : skips_) metrics_.remove(skipped_total, *series);
}

observe::Gauge& JobSeries::gauge(const char* name, const char* help) {
  auto& series = metrics_.gauge(name, help, labels_);
  gauges_[name] = &series;
  return series;
}

void JobSeries::restore(const decisions::JobRow& row) {
  if (row.last_start) last_start_.Set(seconds(*row.last_start));
  if (row.last_completion) last_completion_.Set(seconds(*row.last_completion));
  if (row.last_success) last_success_.Set(seconds(*row.last_success));
}

void JobSeries::configured(const Schedule* schedule, Instant now) {
  Millis longest{0};
  auto slot = schedule == nullptr ? std::nullopt : schedule->next(now);
  for (int i = 0; slot && i < slots_to_measure; ++i) {
    const auto after = schedule->next(slot->at);
    if (after) longest = std::max(longest, after->at - slot->at);
    slot = after;
  }
  interval_.Set(seconds(longest));
}

void JobSeries::skipped(const Stretch& stretch) {
  skips_.at(stretch.reason)->Increment(static_cast<double>(stretch.count));
}

void JobSeries::started(Instant at) {
  last_start_.Set(seconds(at));
  running_.Set(1);
}

void JobSeries::ended(Outcome outcome, Instant at, Millis took) {
  runs_.at(outcome)->Increment();
  last_completion_.Set(seconds(at));
  if (outcome == Outcome::ok) last_success_.Set(seconds(at));
  if (outcome != Outcome::lost) duration_.Set(seconds(took));
  running_.Set(0);
}

void JobSeries::put_back() { running_.Set(0); }

}  // namespace supportd::run
