#include "tests/sandbox/control.hpp"

#include <algorithm>

#include "daemon/http/router.hpp"
#include "tests/sandbox/zendesk_record.hpp"

namespace supportd::sandbox {
namespace {

constexpr int solved = 4, closed = 5;

bool agrees(const fakes::TicketTally& it) {
  const bool done_here = it.desk_status == solved || it.desk_status == closed;
  const bool done_there = it.second_status == "solved" || it.second_status == "closed";
  if (!it.second_status.empty() && done_here != done_there) return false;
  if (it.cases.empty()) return it.cases_expected == 0;
  return done_here == (it.aws_status == "resolved") && it.case_id_noted;
}

}  // namespace

std::string control_help() {
  return R"(Control endpoints:
  GET  /sandbox/tally      per ticket and in all: expected, found, lost, duplicated, leaked, disordered; "converged": both
                           sides of every ticket agree on its state; "settled": the script has ended, all that was
                           expected is found, and both sides agree
  GET  /sandbox/zendesk    every Zendesk ticket with its comments, files and history; calls made and refused
  GET  /sandbox/progress   how far the script is, what it waits for, calls, cuts and held answers, the sandbox's time
  POST /sandbox/hold       {"writes": 1, "longest_ms": 5000}: the next writes take effect, their answers wait (real time)
  POST /sandbox/release    lets held answers go
  POST /sandbox/act        one action; 409 when its condition is not met yet
  POST /sandbox/begin      begins the day; the first call to Freshdesk or Zendesk does so too
)";
}

http::Response Control::answer(const http::Request& request) {
  const std::string path = fakes::split_url(request.url).path;
  try {
    if (request.method == "GET" && path == "/sandbox/tally") return tally();
    if (request.method == "GET" && path == "/sandbox/progress") return progress();
    if (request.method == "GET" && path == "/sandbox/zendesk") return http::json(zendesk_record(world_.zendesk));
    if (request.method == "POST" && path == "/sandbox/hold") return hold(request.body);
    if (request.method == "POST" && path == "/sandbox/act") return act(request.body);
    if (request.method == "POST" && path == "/sandbox/release") {
      gate_.release();
      return http::json("{}");
    }
    if (request.method == "POST" && path == "/sandbox/begin") {
      day_.begin();
      return http::json("{}");
    }
    return http::problem(404, "No such endpoint", control_help());
  } catch (const Error& error) {
    return http::problem(400, "The request cannot be done", error.what());
  }
}

http::Response Control::tally() const {
  const auto script = day_.progress();
  const fakes::Report report = world_.witness.report();
  const fakes::Tally total = report.total();
  const bool converged = std::ranges::all_of(report.tickets, agrees);
  const bool complete = total.found == total.expected && total.clean();
  json::Writer head;
  head.object([&] {
    head.member("script_ended", script.ended).member("converged", converged);
    head.member("settled", script.ended && converged && complete);
    head.key("names").object([&] {
      for (const auto& it : report.tickets) head.member(std::to_string(it.ticket), actions_.name_of(it.ticket));
    });
  });
  std::string body = head.take();
  body.back() = ',';
  return http::json(body + report.to_json().substr(1));
}

http::Response Control::progress() const {
  const auto script = day_.progress();
  const auto counts = gate_.counts();
  json::Writer out;
  out.object([&] {
    out.member("now", time::to_text(clock_.now())).member("begun", script.begun).member("ended", script.ended);
    out.member("done", script.done).member("all", script.all).member("waiting", script.waiting);
    out.member("failed", script.failed).member("calls", counts.calls).member("writes", counts.writes);
    out.member("throttled", counts.throttled).member("cut_before", counts.cut_before);
    out.member("cut_after", counts.cut_after).member("held", counts.held).member("holding", counts.holding);
  });
  return http::json(out.take());
}

http::Response Control::hold(const std::string& body) {
  const auto document = json::Document::parse(body.empty() ? "{}" : body, "the request");
  const auto writes = document.root().integer("writes", 1);
  const auto longest = document.root().integer("longest_ms", 5000);
  constexpr std::int64_t an_hour = 3'600'000;
  if (writes < 0 || writes > 1'000'000 || longest < 0 || longest > an_hour)
    throw Error(ErrorKind::config, "writes and longest_ms must be sensible");
  gate_.hold(static_cast<int>(writes), std::chrono::milliseconds{longest});
  return http::json("{}");
}

http::Response Control::act(const std::string& body) {
  const auto document = json::Document::parse(body, "the action");
  if (actions_.perform(document.root(), clock_.now())) return http::json("{}");
  return http::problem(409, "Not yet", "the action's condition is not met");
}

}  // namespace supportd::sandbox
