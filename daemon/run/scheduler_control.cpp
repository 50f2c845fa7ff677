// What operators and the daemon itself ask of the scheduler.
#include <algorithm>
#include <sstream>

#include "daemon/config/suggest.hpp"
#include "daemon/run/scheduler.hpp"

namespace supportd::run {
namespace {

using namespace std::chrono_literals;

constexpr Millis look_again = 1s;

std::optional<Instant> next_slot(const Job& job, Instant after) {
  const auto slot = job.schedule ? job.schedule->next(after) : std::nullopt;
  return slot ? std::optional(slot->at) : std::nullopt;
}

// When the job runs next whose next undecided slot is `slot`.
std::optional<Instant> next_run(const Job& job, std::optional<Instant> slot, std::optional<Instant> paused_until) {
  if (!slot || job.config.paused || paused_until == time::never) return {};
  if (paused_until && *slot < *paused_until) slot = next_slot(job, *paused_until - Millis{1});
  return slot ? std::optional(*slot + job.delay) : std::nullopt;
}

bool same_schedule(const Job& one, const Job& other) {
  if (!one.schedule || !other.schedule) return !one.schedule && !other.schedule;
  return one.schedule->text() == other.schedule->text() && one.schedule->zone().name() == other.schedule->zone().name();
}

}  // namespace

Scheduler::Hold::Hold(Scheduler& scheduler, const std::string& job) : scheduler_(scheduler) {
  const std::lock_guard lock(scheduler_.mutex_);
  ++scheduler_.holds_;
  tasks_ = scheduler_.runner_.take_back([&](const Runner::Task& task) { return job.empty() || task.job->name == job; });
}

Scheduler::Hold::~Hold() {
  const std::lock_guard lock(scheduler_.mutex_);
  --scheduler_.holds_;
  for (Runner::Task& task : tasks_) scheduler_.runner_.hand_over(std::move(task));
  scheduler_.woken_ = true;
  scheduler_.clock_.ring(scheduler_.bell_);
}

void Scheduler::Hold::disarm(store::Tx& tx, const std::string& job) {
  decisions::disarm(tx, job, [this](std::int64_t run) { return scheduler_.runner_.has_begun(run); });
}

void Scheduler::Hold::forget(std::int64_t run) {
  std::erase_if(tasks_, [&](const Runner::Task& task) { return task.run == run; });
}

void Scheduler::start(const JobSet& set) {
  reload(set);
  begin();
}

void Scheduler::begin() {
  runner_.start(options_.workers);
  thread_ = clock_.spawn("scheduler", [this] { loop(); });
}

void Scheduler::reload(const JobSet& set, const Along& along) {
  Entries fresh;
  for (const auto& [name, config] : set.jobs) fresh[name].job = make_job(name, config, kinds_);
  const Instant now = clock_.now();
  std::vector<std::pair<std::int64_t, std::string>> ready;
  Hold hold(*this, "");
  ledger_.write([&](store::Tx& tx) {
    ready.clear();
    // Those of an earlier process, too: had one begun and ended, the ledger would say so.
    for (const std::string& name : runs::armed_jobs(tx)) hold.disarm(tx, name);
    for (auto& [name, entry] : fresh) {
      entry.row = decisions::adopt(tx, *entry.job, now);
      entry.version = entry.row.version;
    }
    for (const std::string& name : decisions::scheduled(tx)) {
      if (!fresh.contains(name)) decisions::retire(tx, name, now);
    }
    for (const RunOnce& once : set.once) {
      const auto job = fresh.find(once.job);
      if (job == fresh.end()) throw Error(ErrorKind::config, "run_once " + once.id + ": no job '" + once.job + "'");
      decisions::ask_once(tx, *job->second.job, once, options_.owner, now);
      if (const auto next = runs::next(tx, once.job, now)) ready.emplace_back(next->id, once.job);
    }
    if (along) along(tx);
  });
  hold.done();
  const std::lock_guard lock(mutex_);
  for (auto& [name, entry] : fresh) {
    const auto known = entries_.find(name);
    entry.series = known == entries_.end() ? std::make_shared<JobSeries>(metrics_, name) : known->second.series;
    entry.series->restore(entry.row);
    entry.series->configured(entry.job->schedule ? &*entry.job->schedule : nullptr, now);
  }
  for (const auto& [name, entry] : entries_) {
    if (!fresh.contains(name)) entry.series->retire();
  }
  entries_ = std::move(fresh);
  config_ = set.config;
  slots_.clear();
  for (auto& [name, entry] : entries_) reschedule(name, entry);
  for (const auto& [run, job] : ready) hand_over(run, job);
  woken_ = true;
  clock_.ring(bell_);
}

// Its next slot; one that was decided ahead is still to come.
std::optional<Instant> Scheduler::slot_to_come(const Entry& entry) const {
  const auto armed = runner_.armed_slot(entry.job->name);
  return armed ? armed : next_slot(*entry.job, entry.row.decided_until);
}

std::vector<JobChange> Scheduler::plan(const JobConfigs& jobs) const {
  const Instant now = clock_.now();
  std::vector<JobChange> out;
  const std::lock_guard lock(mutex_);
  for (const auto& [name, config] : jobs) {
    const auto job = make_job(name, config, kinds_);
    const auto known = entries_.find(name);
    if (known == entries_.end()) {
      out.push_back({name, JobChange::What::added, {}, next_run(*job, next_slot(*job, now), {})});
      continue;
    }
    const Entry& entry = known->second;
    const auto slot = slot_to_come(entry);
    const auto before = next_run(*entry.job, slot, entry.row.paused_until);
    // Another schedule starts now; the same one goes on.
    const auto slot_after = same_schedule(*entry.job, *job) ? slot : next_slot(*job, now);
    const auto after = next_run(*job, slot_after, entry.row.paused_until);
    if (before != after) out.push_back({name, JobChange::What::changed, before, after});
  }
  for (const auto& [name, entry] : entries_) {
    if (jobs.contains(name)) continue;
    const auto before = next_run(*entry.job, slot_to_come(entry), entry.row.paused_until);
    out.push_back({name, JobChange::What::removed, before, {}});
  }
  return out;
}

void Scheduler::stop(Instant deadline) {
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
    for (const Runner::Task& task : runner_.take_back([](const Runner::Task&) { return true; })) {
      strays_.push_back(task.job->name);
    }
    woken_ = true;
    clock_.ring(bell_);
  }
  halt(deadline);
  ledger_.write([&](store::Tx& tx) {
    for (const std::string& name : strays_) decisions::disarm(tx, name, [](std::int64_t) { return false; });
    runs::end_lease(tx, options_.owner);
  });
}

void Scheduler::halt(Instant deadline) {
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
    for (auto& [name, entry] : entries_) reschedule(name, entry);
  }
  runner_.stop(deadline);
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    clock_.ring(bell_);
    clock_.ring(ended_bell_);
  }
  thread_.reset();
}

std::shared_ptr<const Job> Scheduler::require_job(const std::string& name) const {
  const auto entry = entries_.find(name);
  if (entry != entries_.end()) return entry->second.job;
  std::vector<std::string> names;
  for (const auto& [known, unused] : entries_) names.push_back(known);
  throw Error(ErrorKind::gone, "no job '" + name + "': " + config::known_names(name, names));
}

void Scheduler::pause(const std::string& job, Instant until, const std::string& reason, const std::string& actor,
                      const Along& along) {
  change_row(
      job, [&](store::Tx& tx) { return decisions::pause(tx, job, until, reason, actor); }, along);
}

void Scheduler::resume(const std::string& job, const Along& along) {
  {
    const std::lock_guard lock(mutex_);
    if (require_job(job)->config.paused) {
      throw Error(ErrorKind::conflict,
                  "the configuration pauses it: take jobs." + job + ".paused out of the file, and reload");
    }
  }
  change_row(
      job, [&](store::Tx& tx) { return decisions::resume(tx, job); }, along);
}

void Scheduler::change_row(const std::string& job, const std::function<decisions::JobRow(store::Tx&)>& change,
                           const Along& along) {
  {
    const std::lock_guard lock(mutex_);
    require_job(job);
  }
  Hold hold(*this, job);
  const auto row = ledger_.write(
      [&](store::Tx& tx) {
        hold.disarm(tx, job);
        if (along) along(tx);
        return change(tx);
      },
      store::WritePriority::urgent);
  hold.done();
  const std::lock_guard lock(mutex_);
  refresh(row);
}

std::int64_t Scheduler::trigger(const std::string& name, const decisions::Asked& asked, const Along& along) {
  std::shared_ptr<const Job> job;
  {
    const std::lock_guard lock(mutex_);
    if (draining_) throw Error(ErrorKind::stopped, "the daemon is stopping");
    job = require_job(name);
  }
  const Instant now = clock_.now();
  std::int64_t run = 0;
  std::optional<RunRow> next;
  Hold hold(*this, name);
  const auto row = ledger_.write(
      [&](store::Tx& tx) {
        hold.disarm(tx, name);
        run = decisions::ask(tx, *job, asked, options_.owner, now);
        next = runs::next(tx, name, now);
        if (along) along(tx);
        return decisions::find(tx, name);
      },
      store::WritePriority::urgent);
  hold.done();
  const std::lock_guard lock(mutex_);
  if (row) refresh(*row);
  if (next) hand_over(next->id, name);
  return run;
}

std::optional<std::string> Scheduler::job_of_signal(int signal_slot) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, entry] : entries_) {
    if (entry.job->config.signal_slot == signal_slot) return name;
  }
  return {};
}

void Scheduler::cancel(std::int64_t run, const std::string& why, const Along& along) {
  Hold hold(*this, "");
  const auto mine = runner_.running();
  const bool under_way = std::ranges::find(mine, run) != mine.end();
  std::optional<decisions::JobRow> job;
  const auto row = ledger_.write([&](store::Tx& tx) {
    auto found = runs::find(tx, run);
    if (!found) throw Error(ErrorKind::gone, "no run " + std::to_string(run));
    if (!under_way) {
      if (found->state == RunState::done) {
        throw Error(ErrorKind::conflict, "run " + std::to_string(run) + " has ended already");
      }
      if (found->state == RunState::running) {
        throw Error(ErrorKind::refused,
                    "run " + std::to_string(run) + " is under way on another daemon, " + found->owner);
      }
      if (found->state == RunState::queued) runs::cancel(tx, run, why, clock_.now());
      if (found->state == RunState::armed) job = decisions::cancel_armed(tx, *found, why, clock_.now());
    }
    if (along) along(tx);
    return *found;
  });
  if (under_way) {
    runner_.cancel(run);
    return;
  }
  hold.forget(run);
  const std::lock_guard lock(mutex_);
  if (job) refresh(*job);
  ++endings_;
  clock_.ring(ended_bell_);
}

RunRow Scheduler::wait(std::int64_t run, Instant until) {
  for (;;) {
    std::uint64_t endings = 0;
    {
      const std::lock_guard lock(mutex_);
      endings = endings_;
    }
    auto row = ledger_.read([&](store::Tx& tx) { return runs::find(tx, run); });
    if (!row) throw Error(ErrorKind::gone, "no run " + std::to_string(run));
    std::unique_lock lock(mutex_);
    if (row->state == RunState::done || ended_ || clock_.now() >= until) return std::move(*row);
    // Another daemon may run it, and would ring no bell here.
    if (endings_ == endings) clock_.wait(lock, ended_bell_, std::min(until, clock_.now() + look_again));
  }
}

bool Scheduler::clock_is_lost() const {
  const std::lock_guard lock(mutex_);
  return watch_.lost();
}

void Scheduler::accept_clock(const Along& along) {
  const Instant now = clock_.now();
  std::vector<std::shared_ptr<const Job>> jobs;
  {
    const std::lock_guard lock(mutex_);
    if (!watch_.lost()) return;
    for (const auto& [name, entry] : entries_) jobs.push_back(entry.job);
  }
  Hold hold(*this, "");
  const auto rows = ledger_.write([&](store::Tx& tx) {
    std::vector<decisions::JobRow> out;
    for (const auto& job : jobs) {
      hold.disarm(tx, job->name);
      out.push_back(decisions::skip_all(tx, *job, now, SkipReason::gap));
    }
    if (along) along(tx);
    return out;
  });
  hold.done();
  log_.warning("the clock was accepted after a jump");
  const std::lock_guard lock(mutex_);
  for (const auto& row : rows) refresh(row);
  watch_.accept(now, clock_.steady());
  woken_ = true;
  clock_.ring(bell_);
}

std::vector<JobStatus> Scheduler::jobs() const {
  Entries entries;
  {
    const std::lock_guard lock(mutex_);
    entries = entries_;
  }
  // When runs began and ended is known to the ledger only.
  ledger_.read([&](store::Tx& tx) {
    for (auto& [name, entry] : entries) entry.row = decisions::find(tx, name).value_or(entry.row);
  });
  std::vector<JobStatus> out;
  for (const auto& [name, entry] : entries) {
    const Job& job = *entry.job;
    const auto slot = slot_to_come(entry);
    JobStatus status{.name = name,
                     .kind = job.kind->name,
                     .schedule = job.schedule ? job.schedule->text() : "",
                     .zone = job.config.zone.name(),
                     .next = slot,
                     .delay = job.delay,
                     .next_run = next_run(job, slot, entry.row.paused_until),
                     .paused_until = entry.row.paused_until,
                     .pause_reason = entry.row.pause_reason,
                     .paused_by = entry.row.paused_by,
                     .last_start = entry.row.last_start,
                     .last_completion = entry.row.last_completion,
                     .last_success = entry.row.last_success,
                     .outranked = entry.row.version != entry.version};
    if (job.config.paused) {
      status.paused_until = time::never;
      status.pause_reason = "paused in the configuration";
    }
    out.push_back(std::move(status));
  }
  return out;
}

std::string Scheduler::dump() const {
  std::ostringstream out;
  const auto show = [](std::optional<Instant> at) {
    if (!at) return std::string("never");
    if (*at == Instant::min()) return std::string("at once");
    return *at == time::never ? std::string("resumed") : time::to_text(*at);
  };
  for (const JobStatus& job : jobs()) {
    out << "job " << job.name << ": next run " << show(job.next_run);
    if (job.delay > Millis{0}) out << ", " << time::to_text(job.delay) << " after its fire time";
    if (job.paused_until) out << ", paused until " << show(job.paused_until) << " (" << job.pause_reason << ")";
    if (job.outranked) out << ", outranked by another daemon's schedule";
    out << '\n';
  }
  const auto running = runner_.running();
  out << "runs: " << running.size() << " running";
  for (const std::int64_t run : running) out << " #" << run;
  out << ", " << runner_.waiting() << " waiting for a thread\n";
  out << "deadlines: " << deadlines_.near() << " in the near horizon, next look " << show(deadlines_.next()) << '\n';
  return out.str();
}

}  // namespace supportd::run
