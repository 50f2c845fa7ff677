// What a slice registers so that something runs, and what an operator says about when it does.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "daemon/config/schema.hpp"
#include "daemon/observe/log.hpp"
#include "daemon/run/backoff.hpp"
#include "daemon/run/schedule.hpp"
#include "daemon/store/ledger.hpp"

namespace supportd::run {

using Arguments = std::map<std::string, std::string>;

// Proof that a run is still ours. Every write of a run checks it in its transaction (rule 24).
class Fence {
 public:
  Fence(std::int64_t run, std::int64_t number) : run_(run), number_(number) {}
  // Of no run: never refuses.
  Fence() = default;
  // Throws Error{stopped} when another daemon has taken over.
  void check(store::Tx& tx) const;
  std::int64_t run() const { return run_; }
  std::int64_t number() const { return number_; }

 private:
  std::int64_t run_ = 0, number_ = 0;
};

// What a run did.
struct Report {
  std::string summary{};                      // "41 tickets read, 2 cases opened"
  std::map<std::string, long long> counts{};  // the same for machines
};

struct JobContext {
  Instant slot;  // nominal, before jitter; of a run asked for: when it was
  time::Clock& clock;
  std::stop_token stop;  // look at it between calls; then throw Error{stopped} or return
  store::Ledger& ledger;
  observe::Log& log;
  const Arguments& arguments;  // checked against the kind's
  bool dry_run;                // say what would be written, write nothing
  Fence fence;
  std::shared_ptr<const config::Config> config;  // the same to the end of the run (rule 26)

  Instant now() const { return clock.now(); }
  // What it has done so far, for who watches. Of a count "percent" supportctl makes a bar.
  void tell(const Report& so_far) const;
  // A write of this run's: refused once another daemon has taken the run over, undone in a dry run. Returns what the
  // body returns.
  template <class F>
  auto write(F&& body, store::WritePriority priority = store::WritePriority::normal) {
    const auto fenced = [&](store::Tx& tx) {
      fence.check(tx);
      return body(tx);
    };
    return dry_run ? ledger.rehearse(fenced, priority) : ledger.write(fenced, priority);
  }
};

struct Argument {
  std::string name{}, help{};
  bool required = false;
  std::function<std::vector<std::string>()> choices{};  // as the configuration in force has them; none: any text
};

enum class Overlap { skip, queue };

// A capability that can be run. Throws Error when it cannot be done; may be run again after any failure.
struct JobKind {
  std::string name{};
  std::string help{};  // one sentence
  std::vector<Argument> arguments{};
  std::string schedule{};           // unless configured otherwise; empty: only when asked for
  Overlap overlap = Overlap::skip;  // likewise
  Millis timeout{std::chrono::minutes{15}};
  std::function<Report(JobContext&)> run{};
  // Asked before a slot is run; false skips it for lack of budget.
  std::function<bool()> affordable{};
};
using JobKinds = std::vector<JobKind>;

enum class CatchUpMode { none, latest, all };

struct CatchUp {
  CatchUpMode mode = CatchUpMode::latest;
  Millis window{std::chrono::hours{24}};  // how late a slot may be and still run
  int max = 10;                           // of `all`: how many at most
};

struct Retries {
  int max = 0;
  Backoff backoff{.base = std::chrono::seconds{10}, .cap = std::chrono::minutes{10}};
};

// [jobs.NAME]
struct JobConfig {
  std::string kind{};                     // empty: the one of the job's name
  std::optional<std::string> schedule{};  // the kind's unless given; "" never
  time::Zone zone = time::Zone::utc();
  Millis jitter{0};
  CatchUp catch_up{};
  std::optional<Overlap> overlap{};  // the kind's unless given
  std::optional<Millis> timeout{};   // the kind's unless given
  Retries retries{};
  std::optional<int> signal_slot{};  // SIGRTMIN+n
  bool paused = false;
  Arguments arguments{};
};
using JobConfigs = std::map<std::string, JobConfig>;

// [[run_once]]
struct RunOnce {
  std::string id{}, job{};
  Arguments arguments{};
};

void bind(config::Binder& binder, CatchUp& catch_up);
void bind(config::Binder& binder, Retries& retries);
void bind(config::Binder& binder, JobConfig& job);
void bind(config::Binder& binder, RunOnce& once);

// A configured job, ready to run. Immutable.
struct Job {
  std::string name;
  JobConfig config;
  const JobKind* kind;
  std::optional<Schedule> schedule;
  Overlap overlap;
  Millis delay;  // of each of its runs, by jitter
  Millis timeout;
};

// What is wrong with the arguments, naming those that exist; nothing when all is well.
std::optional<std::string> flaw_of(const JobKind& kind, const Arguments& arguments);
std::optional<std::string> flaw_of(const JobKind& kind, const JobConfig& job);
// Reports what only all jobs and kinds together can tell: unknown kinds, arguments, signal slots used twice, jobs
// named by run_once that do not exist. `section` is where the jobs stand, "jobs".
void review(config::Review& review, const JobConfigs& jobs, const std::vector<RunOnce>& once, const JobKinds& kinds);
// Throws Error{config} on what review() reports.
std::shared_ptr<const Job> make_job(const std::string& name, const JobConfig& config, const JobKinds& kinds);

}  // namespace supportd::run
