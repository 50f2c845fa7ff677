#include <algorithm>
#include <ostream>

#include "daemon/config/suggest.hpp"
#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/running.hpp"
#include "daemon/ctl/terminal.hpp"

namespace supportd::ctl {
namespace {

using json::View;

const Option reason{.name = "--reason", .value = "TEXT", .help = "for the record"};

Tone tone_of(const std::string& outcome) {
  if (outcome == "ok") return Tone::good;
  return outcome == "-" ? Tone::plain : Tone::bad;
}

std::string pause_of(const View& job) {
  const std::string until = cell(job, "paused_until"), why = cell(job, "pause_reason");
  if (until == "-") return until;
  return (until == "never" ? "until it is resumed" : "until " + until) + (why == "-" ? "" : ": " + why);
}

std::string trigger_of(const View& run) {
  return cell(run, "trigger") + (run.boolean("dry_run", false) ? ", dry run" : "");
}

void show_jobs(Context& c, const View& answer) {
  Table table({"job", "schedule", "zone", "next run", "last success", "paused"});
  for (const View& job : answer.at("jobs").items()) {
    table.add({cell(job, "name"), cell(job, "schedule"), cell(job, "zone"), cell(job, "next_run"),
               cell(job, "last_success"), Cell(pause_of(job), Tone::warning)});
  }
  table.print(c.out, c.colour);
}

std::string length_of(const View& run) {
  const auto length = run.find("duration_ms");
  return length ? time::to_text(Millis{length->integer()}) : "-";
}

void show_runs(Context& c, const View& answer) {
  Table table({"run", "job", "slot", "trigger", "started", "took", "outcome", "what"});
  for (const View& run : answer.at("runs").items()) {
    const std::string outcome = cell(run, "outcome");
    table.add({cell(run, "id"), cell(run, "job"), cell(run, "slot"), trigger_of(run), cell(run, "started"),
               length_of(run), Cell(outcome == "-" ? cell(run, "state") : outcome, tone_of(outcome)), words_of(run)});
  }
  table.print(c.out, c.colour);
}

void show_run(Context& c, const View& run) {
  const std::string outcome = cell(run, "outcome");
  print_facts(c.out,
              {{"run", cell(run, "id")},
               {"job", cell(run, "job")},
               {"state", {outcome == "-" ? cell(run, "state") : outcome, tone_of(outcome)}},
               {"slot", cell(run, "slot")},
               {"trigger", trigger_of(run)},
               {"actor", cell(run, "actor")},
               {"reason", cell(run, "reason")},
               {"attempt", cell(run, "attempt")},
               {"started", cell(run, "started")},
               {"took", length_of(run)},
               {"what", words_of(run)}},
              c.colour);
}

bool is_number(const std::string& text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

int runs(Context& c, const Given& given) {
  const std::string what = given.positional.empty() ? "" : given.positional[0];
  if (is_number(what)) {
    return show_answer(c, c.ask("GET", "/api/v1/runs/" + what, ""), [&](const View& run) { show_run(c, run); });
  }
  const auto query = query_of({{"job", what}, {"limit", given.get("--limit")}});
  return show_answer(c, c.ask("GET", "/api/v1/runs" + query, ""), [&](const View& v) { show_runs(c, v); });
}

int why(Context& c, const Given& given) {
  const auto query =
      query_of({{"job", given.positional[0]}, {"at", given.positional.size() > 1 ? given.positional[1] : ""}});
  return show_answer(c, c.ask("GET", "/api/v1/why" + query, ""), [&](const View& answer) {
    if (given.positional.size() < 2) c.out << cell(answer, "at") << ": ";
    c.out << toned(cell(answer, "words"), Tone::plain, false) << '\n';
  });
}

int start(Context& c, const Given& given, const std::string& job) {
  Parameters query{{"dry_run", given.has("--dry-run") ? "1" : ""}, {"reason", given.get("--reason")}};
  const std::string wait = given.get("--wait").empty() ? "1h" : given.get("--wait");
  const auto length = time::parse_length(wait);
  if (!length) {
    return c.refuse(usage, "--wait: " + length.error().what);
  }
  const auto [first, last] = given.options.equal_range("--arg");
  for (auto argument = first; argument != last; ++argument) {
    const auto equals = argument->second.find('=');
    if (equals == std::string::npos || equals == 0) {
      return c.refuse(usage, "--arg takes NAME=VALUE");
    }
    query.emplace_back("arg." + argument->second.substr(0, equals), argument->second.substr(equals + 1));
  }
  const auto answer = run_job(c, job, std::move(query), given.has("--wait") ? std::optional(*length) : std::nullopt);
  const auto show = [&](const View& run) {
    show_run(c, run);
    if (cell(run, "outcome") == "-") c.out << "\nsupportctl runs " << cell(run, "id") << " says how it ends\n";
  };
  return show_answer(c, answer, show, verdict_of_run);
}

int pause(Context& c, const Given& given) {
  if (given.has("--until") && given.has("--for")) return c.refuse(usage, "either --until or --for, not both");
  const auto query =
      query_of({{"until", given.get("--until")}, {"for", given.get("--for")}, {"reason", given.get("--reason")}});
  const std::string path = "/control/jobs/" + http::percent_encode(given.positional[0]) + "/pause";
  return show_answer(c, c.ask("POST", path + query, ""), [&](const View& answer) {
    const std::string until = cell(answer, "paused_until");
    c.out << toned(cell(answer, "job"), Tone::plain, false) << " is paused "
          << (until == "never" ? "until it is resumed" : "until " + until) << '\n';
  });
}

int resume(Context& c, const Given& given) {
  const auto query = query_of({{"reason", given.get("--reason")}});
  const std::string path = "/control/jobs/" + http::percent_encode(given.positional[0]) + "/resume";
  return show_answer(c, c.ask("POST", path + query, ""), [&](const View& answer) {
    c.out << toned(cell(answer, "job"), Tone::plain, false)
          << (answer.boolean("was_paused", true) ? " is resumed\n" : " was not paused\n");
  });
}

int cancel(Context& c, const Given& given) {
  const auto query = query_of({{"reason", given.get("--reason")}});
  const std::string path = "/control/runs/" + http::percent_encode(given.positional[0]) + "/cancel";
  return show_answer(c, c.ask("POST", path + query, ""), [&](const View& run) { show_run(c, run); });
}

bool is_agreed(Context& c, const Given& given) {
  if (given.has("--yes")) return true;
  c.err << "Go on? [y/N] " << std::flush;
  std::string answer;
  std::getline(c.in, answer);
  return answer == "y" || answer == "yes";
}

// The job itself says what it would write, before it does.
int probe(Context& c, const Given& given) {
  const std::string job = "probe_" + given.positional[0];
  std::vector<std::string> vendors;
  const auto jobs = c.ask("GET", "/api/v1/jobs", "");
  const auto document = json::Document::parse(jobs.body, "the daemon's answer");
  for (const View& known : document.root().at("jobs").items()) {
    if (const std::string name = cell(known, "name"); name.starts_with("probe_")) vendors.push_back(name.substr(6));
  }
  if (std::ranges::find(vendors, given.positional[0]) == vendors.end()) {
    return c.refuse(failed,
                    "no vendor '" + given.positional[0] + "': " + config::known_names(given.positional[0], vendors));
  }
  if (given.has("--dry-run")) return start(c, given, job);
  Given asked = given;
  asked.options.emplace("--dry-run", "");
  asked.options.erase("--wait");
  asked.options.emplace("--wait", "1m");
  Context before{c.in, c.err, c.err, false, false, c.ask, c.progress};
  if (const int code = start(before, asked, job); code != ok) {
    return c.json ? c.refuse(code, "the dry run failed: nothing was written") : code;
  }
  if (is_agreed(c, given)) return start(c, given, job);
  return c.refuse(failed, "nothing was written; --yes goes on without asking");
}

std::vector<Option> run_options() {
  return {{.name = "--arg", .value = "NAME=VALUE", .help = "an argument of the job; may be given again"},
          {.name = "--dry-run", .value = "", .help = "say what would be written, write nothing"},
          {.name = "--wait",
           .value = "LENGTH",
           .help = "until it has ended, an hour at most unless said",
           .optional_value = true},
          reason};
}

std::vector<Option> probe_options() {
  auto out = run_options();
  out.push_back({.name = "--yes", .value = "", .help = "go on without asking"});
  return out;
}

}  // namespace

std::vector<Command> job_commands() {
  return {
      {.name = "jobs",
       .arguments = "",
       .help = "All jobs and when they run.",
       .options = {},
       .examples = {"jobs"},
       .run =
           [](Context& c, const Given&) {
             return show_answer(c, c.ask("GET", "/api/v1/jobs", ""), [&](const View& v) { show_jobs(c, v); });
           }},
      {.name = "runs",
       .arguments = "[JOB|RUN]",
       .help = "The latest runs, of all jobs or of one; or one run.",
       .options = {{.name = "--limit", .value = "N", .help = "20 unless given, 1000 at most"}},
       .examples = {"runs desk_sync --limit 5", "runs 17"},
       .run = runs},
      {.name = "why",
       .arguments = "JOB [AT]",
       .help = "What became of a job's fire time, and why; of its last one unless said.",
       .options = {},
       .examples = {"why desk_sync 2026-03-01T02:30:00Z"},
       .run = why},
      {.name = "run",
       .arguments = "JOB",
       .help = "Runs a job now, by the same rules as its schedule.",
       .options = run_options(),
       .examples = {"run desk_sync --wait", "run probe_freshdesk --arg mail=test@example.com --dry-run --wait=5m"},
       .run = [](Context& c, const Given& given) { return start(c, given, given.positional[0]); }},
      {.name = "cancel",
       .arguments = "RUN",
       .help = "Stops a run, or takes back one that waits.",
       .options = {reason},
       .examples = {"cancel 17 --reason 'wrong account'"},
       .run = cancel},
      {.name = "pause",
       .arguments = "JOB",
       .help = "Its fire times are skipped until it is resumed; runs asked for still happen.",
       .options = {{.name = "--until", .value = "INSTANT", .help = "resumes by itself then"},
                   {.name = "--for", .value = "LENGTH", .help = "the same, from now"},
                   reason},
       .examples = {"pause desk_sync --for 2h --reason 'Freshdesk maintenance'"},
       .run = pause},
      {.name = "resume",
       .arguments = "JOB",
       .help = "Ends a pause.",
       .options = {reason},
       .examples = {"resume desk_sync"},
       .run = resume},
      {.name = "probe",
       .arguments = "VENDOR",
       .help = "Measures on a test account what the vendor's documents leave open; says what it will write, and asks.",
       .options = probe_options(),
       .examples = {"probe freshdesk --arg mail=test@example.com --wait",
                    "probe aws_support --arg account=111122223333 --yes --wait"},
       .run = probe}};
}

}  // namespace supportd::ctl
