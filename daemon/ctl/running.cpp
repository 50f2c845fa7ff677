#include "daemon/ctl/running.hpp"

#include <algorithm>
#include <mutex>
#include <ostream>

#include "daemon/ctl/terminal.hpp"
#include "daemon/time/clock.hpp"

namespace supportd::ctl {
namespace {

using json::View;

constexpr Millis look_again{500}, longest_wait{30'000}, between_lines{1'000};
constexpr int bar_width = 20;

json::Document parse(const http::Response& answer) { return json::Document::parse(answer.body, "the daemon's answer"); }

bool has_ended(const http::Response& answer) {
  return answer.status >= 300 || parse(answer).root().at("state").string() == "done";
}

std::string bar(long long percent) {
  const auto full = static_cast<std::size_t>(std::clamp<long long>(percent, 0, 100) * bar_width / 100);
  return "[" + std::string(full, '#') + std::string(bar_width - full, '.') + "] " + std::to_string(percent) + " %  ";
}

// One line, written over by the next.
void show_progress(Context& c, const http::Response& answer) {
  if (!c.progress || answer.status >= 300) return;
  const auto document = parse(answer);
  const View run = document.root();
  std::string line = "run " + cell(run, "id") + " " + cell(run, "state") + "  ";
  if (const auto counts = run.find("counts"); counts && counts->find("percent")) {
    line += bar(counts->at("percent").integer());
  }
  if (const std::string words = words_of(run); words != "-") line += words;
  c.err << '\r' << toned(line, Tone::faint, c.colour) << "\x1b[K" << std::flush;
}

// Asks until the run has ended or `length` is over: the daemon holds only a few such requests, and none for long.
http::Response await(Context& c, http::Response answer, Millis length) {
  time::MachineClock clock;
  const auto until = clock.steady() + length;
  std::mutex mutex;
  time::Bell bell;
  while (!has_ended(answer) && clock.steady() < until) {
    show_progress(c, answer);
    const auto began = clock.now();
    const auto id = parse(answer).root().at("id").scalar_text();
    const auto left = std::chrono::ceil<Millis>(until - clock.steady());
    const auto wait = std::min(left, c.progress ? between_lines : longest_wait);
    answer = c.ask("GET", "/api/v1/runs/" + id + "?wait=" + std::to_string(wait.count()) + "ms", "");
    std::unique_lock lock(mutex);
    if (clock.now() - began < look_again) clock.wait(lock, bell, began + look_again);
  }
  if (c.progress) c.err << "\r\x1b[K" << std::flush;
  return answer;
}

}  // namespace

std::string words_of(const View& run) {
  const std::string error = cell(run, "error");
  return error == "-" ? cell(run, "summary") : error;
}

int verdict_of_run(const View& run) {
  const std::string outcome = cell(run, "outcome");
  return outcome == "-" || outcome == "ok" ? ok : failed;
}

http::Response run_job(Context& c, const std::string& job, Parameters parameters, std::optional<Millis> wait) {
  // The daemon itself waits only where nothing is shown.
  if (wait && !c.progress) parameters.emplace_back("wait", std::to_string(wait->count()) + "ms");
  auto answer = c.ask("POST", "/control/jobs/" + http::percent_encode(job) + "/run" + query_of(parameters), "");
  return wait ? await(c, std::move(answer), *wait) : answer;
}

}  // namespace supportd::ctl
