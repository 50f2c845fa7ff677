#include "daemon/ctl/cron.hpp"

#include <algorithm>
#include <charconv>
#include <ostream>

#include "daemon/config/suggest.hpp"
#include "daemon/json.hpp"
#include "daemon/run/cron_batch.hpp"
#include "daemon/run/cron_report.hpp"
#include "daemon/time/clock.hpp"

namespace supportd::ctl {
namespace {

constexpr int ok = 0, failed = 1, usage = 2;
constexpr int most_runs = 1'000'000;

constexpr const char* synopsis =
    "What a schedule means, without a daemon.\n\n"
    "usage: supportctl cron next 'EXPR' [--zone Z] [--from T] [--count N] [--json]\n"
    "       supportctl cron next --batch < questions.jsonl\n"
    "       supportctl cron explain 'EXPR' [--zone Z] [--from T] [--json]\n"
    "EXPR: minute hour day-of-month month day-of-week, seconds in front if wanted; a macro such as @daily; `every "
    "90s`\n"
    "Z: an IANA zone, UTC unless given; T: an RFC 3339 instant, now unless given; N: 10 unless given\n"
    "Clock changes are known to the end of 2037. Of a batch each line is answered; exit status 1: one was no JSON.\n\n"
    "examples:\n"
    "  supportctl cron next '0 9 * * mon-fri' --zone Asia/Seoul\n"
    "  supportctl cron explain '30 2 * * *' --zone Europe/Berlin\n"
    "  echo '{\"id\":1,\"expr\":\"@daily\",\"tz\":\"UTC\",\"count\":3}' | supportctl cron next --batch\n";

bool asks_for_help(const std::string& arg) { return arg == "--help" || arg == "-h"; }

struct Request {
  std::string command, expression;
  time::Zone zone = time::Zone::utc();
  Instant from;
  int count = 10;
  bool batch = false;
  run::ReportForm form = run::ReportForm::text;
};

Parsed<int> parse_count(const std::string& text) {
  int count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error == std::errc{} && end == text.data() + text.size() && count >= 1 && count <= most_runs) return count;
  return Mistake{"--count takes 1 to 1000000"};
}

Parsed<Request> with_option(Request request, const std::string& name, const std::string& value) {
  if (name == "--zone") {
    const auto zone = time::Zone::find(value);
    if (!zone) return Mistake{"--zone: " + zone.error().what};
    request.zone = *zone;
  } else if (name == "--from") {
    const auto from = time::parse_instant(value);
    if (!from) return Mistake{"--from: " + from.error().what};
    request.from = *from;
  } else {
    const auto count = parse_count(value);
    if (!count) return count.error();
    request.count = *count;
  }
  return request;
}

// Of `cron next`, `cron explain`.
std::vector<std::string> options_of(const std::string& command) {
  std::vector<std::string> out{"--from", "--json", "--zone"};
  if (command == "next") out.insert(out.end(), {"--batch", "--count"});
  return out;
}

Parsed<Request> complete(Request request, const std::vector<std::string>& positional) {
  if (request.batch) {
    if (!positional.empty()) return Mistake{"--batch reads its expressions from standard input"};
  } else if (positional.size() != 1) {
    return Mistake{positional.empty() ? "an expression is missing" : "the expression is one argument: quote it"};
  } else {
    request.expression = positional[0];
  }
  return request;
}

Parsed<std::string> parse_command(const std::vector<std::string>& args) {
  static const std::vector<std::string> known{"explain", "next"};
  if (args.empty()) return Mistake{"cron takes one of its commands: " + config::known_names("", known)};
  if (std::ranges::find(known, args[0]) != known.end()) return {boost::system::in_place_value, args[0]};
  return Mistake{"no command 'cron " + args[0] + "': " + config::known_names(args[0], known)};
}

Parsed<Request> parse_rest(const std::string& command, const std::vector<std::string>& args, Instant now) {
  Request request;
  request.command = command;
  request.from = now;
  const auto options = options_of(command);
  std::vector<std::string> positional;
  for (std::size_t i = 1; i < args.size(); ++i) {
    const auto equals = args[i].find('=');
    const std::string name = args[i].substr(0, equals);
    if (!name.starts_with("--")) {
      positional.push_back(args[i]);
    } else if (std::ranges::find(options, name) == options.end()) {
      return Mistake{"no option " + name + ": " + config::known_names(name, options)};
    } else if (args[i] == "--json") {
      request.form = run::ReportForm::json;
    } else if (args[i] == "--batch") {
      request.batch = true;
    } else if (name == "--json" || name == "--batch") {
      return Mistake{name + " takes no value"};
    } else {
      if (equals == args[i].npos && i + 1 == args.size()) return Mistake{name + " takes a value"};
      auto changed = with_option(request, name, equals == args[i].npos ? args[++i] : args[i].substr(equals + 1));
      if (!changed) return changed.error();
      request = *std::move(changed);
    }
  }
  return complete(std::move(request), positional);
}

Parsed<Request> parse(const std::vector<std::string>& args, Instant now) {
  const auto command = parse_command(args);
  if (!command) return command.error();
  auto request = parse_rest(*command, args, now);
  if (!request) return Mistake{"cron " + *command + ": " + request.error().what};
  return request;
}

}  // namespace

int run_cron(const std::vector<std::string>& args, std::istream& in, std::ostream& out, std::ostream& err) {
  if (std::ranges::any_of(args, asks_for_help)) {
    out << synopsis;
    return ok;
  }
  const auto request = parse(args, time::MachineClock().now());
  if (!request) {
    err << "supportctl: " << request.error().what << "\nsupportctl cron --help says more\n";
    if (std::ranges::find(args, "--json") != args.end()) {
      json::Writer writer;
      writer.object([&] { writer.member("error", request.error().what); });
      out << writer.take() << '\n';
    }
    return usage;
  }
  if (request->batch) return run::answer_cron_questions(in, out, request->from) ? ok : failed;
  const auto schedule = run::Schedule::parse(request->expression, request->zone);
  if (!schedule) {
    auto& where = request->form == run::ReportForm::json ? out : err;
    where << run::mistake_report(request->expression, schedule.error(), request->form);
    return failed;
  }
  out << (request->command == "next" ? run::next_report(*schedule, request->from, request->count, request->form)
                                     : run::explain_report(*schedule, request->from, request->form));
  return ok;
}

}  // namespace supportd::ctl
