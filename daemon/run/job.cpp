#include "daemon/run/job.hpp"

#include <algorithm>
#include <set>

#include "daemon/config/suggest.hpp"
#include "daemon/run/jitter.hpp"
#include "daemon/run/runs.hpp"

namespace supportd::run {
namespace {

template <class Named>
std::vector<std::string> names(const std::vector<Named>& all) {
  std::vector<std::string> out;
  for (const auto& one : all) out.push_back(one.name);
  return out;
}

const std::string& kind_name(const std::string& name, const JobConfig& job) {
  return job.kind.empty() ? name : job.kind;
}

const JobKind* find(const JobKinds& kinds, const std::string& name) {
  const auto found = std::ranges::find(kinds, name, &JobKind::name);
  return found == kinds.end() ? nullptr : &*found;
}

}  // namespace

void Fence::check(store::Tx& tx) const {
  if (run_ == 0) return;
  const auto ours = tx.one<std::int64_t>(
      "SELECT id FROM run WHERE id = :id AND fence = :fence AND state IN ('running', 'armed')", run_, number_);
  if (!ours) throw Error(ErrorKind::stopped, "run " + std::to_string(run_) + " was taken over by another daemon");
}

void JobContext::tell(const Report& so_far) const {
  if (fence.run() == 0) return;
  ledger.write([&](store::Tx& tx) { runs::tell(tx, fence, so_far); });
}

std::optional<std::string> flaw_of(const JobKind& kind, const Arguments& arguments) {
  for (const auto& [name, value] : arguments) {
    const auto known = std::ranges::find(kind.arguments, name, &Argument::name);
    if (known == kind.arguments.end()) {
      if (kind.arguments.empty()) return "no argument '" + name + "': " + kind.name + " takes none";
      return "no argument '" + name + "': " + config::known_names(name, names(kind.arguments));
    }
    if (!known->choices) continue;
    const auto choices = known->choices();
    if (std::ranges::find(choices, value) == choices.end()) {
      return "argument '" + name + "' cannot be '" + value + "': " + config::known_names(value, choices);
    }
  }
  for (const Argument& argument : kind.arguments) {
    if (argument.required && !arguments.contains(argument.name)) return "argument '" + argument.name + "' is missing";
  }
  return {};
}

// A job that runs only when an operator asks may be given its required arguments then.
std::optional<std::string> flaw_of(const JobKind& kind, const JobConfig& job) {
  const bool scheduled = !(job.schedule ? *job.schedule : kind.schedule).empty();
  if (scheduled || job.signal_slot) return flaw_of(kind, job.arguments);
  JobKind asked = kind;
  for (Argument& argument : asked.arguments) argument.required = false;
  return flaw_of(asked, job.arguments);
}

void review(config::Review& review, const JobConfigs& jobs, const std::vector<RunOnce>& once, const JobKinds& kinds) {
  std::map<int, std::string> slots;
  std::vector<std::string> job_names;
  for (const auto& [name, job] : jobs) {
    job_names.push_back(name);
    if (const auto wrong = config::plain_name()(name)) review.flaw({"jobs", name}, "the job's name: " + *wrong);
    std::vector<std::string> place{"jobs", name};
    if (!job.kind.empty()) place.push_back("kind");
    review.name(place, "kind of job", kind_name(name, job), names(kinds));
    const JobKind* kind = find(kinds, kind_name(name, job));
    if (kind != nullptr) {
      if (const auto flaw = flaw_of(*kind, job)) review.flaw({"jobs", name, "arguments"}, *flaw);
    }
    if (job.signal_slot && !slots.emplace(*job.signal_slot, name).second) {
      review.flaw({"jobs", name, "signal_slot"},
                  "signal slot " + std::to_string(*job.signal_slot) + " is taken by job " + slots[*job.signal_slot]);
    }
  }
  std::set<std::string> ids;
  for (std::size_t i = 0; i < once.size(); ++i) {
    const auto place = [&](const char* key) { return std::vector<std::string>{"run_once", std::to_string(i), key}; };
    if (!ids.insert(once[i].id).second) review.flaw(place("id"), "'" + once[i].id + "' is used twice");
    review.name(place("job"), "job", once[i].job, job_names);
    const auto job = jobs.find(once[i].job);
    const JobKind* kind = job == jobs.end() ? nullptr : find(kinds, kind_name(job->first, job->second));
    if (kind == nullptr) continue;
    Arguments arguments = once[i].arguments;
    arguments.insert(job->second.arguments.begin(), job->second.arguments.end());
    if (const auto flaw = flaw_of(*kind, arguments)) review.flaw(place("arguments"), *flaw);
  }
}

std::shared_ptr<const Job> make_job(const std::string& name, const JobConfig& config, const JobKinds& kinds) {
  const auto fail = [&](const std::string& what) { throw Error(ErrorKind::config, "job " + name + ": " + what); };
  const std::string& wanted = kind_name(name, config);
  const JobKind* kind = find(kinds, wanted);
  if (kind == nullptr) fail("no kind of job '" + wanted + "': " + config::known_names(wanted, names(kinds)));
  if (const auto flaw = flaw_of(*kind, config)) fail(*flaw);
  std::optional<Schedule> schedule;
  const std::string& text = config.schedule ? *config.schedule : kind->schedule;
  if (!text.empty()) {
    auto parsed = Schedule::parse(text, config.zone);
    if (!parsed) fail("schedule: " + config::to_text(parsed.error()));
    schedule = std::move(*parsed);
  }
  return std::make_shared<const Job>(Job{.name = name,
                                         .config = config,
                                         .kind = kind,
                                         .schedule = std::move(schedule),
                                         .overlap = config.overlap.value_or(kind->overlap),
                                         .delay = jitter_of(name, config.jitter),
                                         .timeout = config.timeout.value_or(kind->timeout)});
}

}  // namespace supportd::run
