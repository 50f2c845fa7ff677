#include <filesystem>
#include <ostream>

#include "daemon/builtin.hpp"
#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/terminal.hpp"
#include "daemon/sections.hpp"
#include "daemon/store/ledger_file.hpp"

namespace supportd::ctl {
namespace {

using json::View;

const Option config_option{
    .name = "--config", .value = "FILE", .help = "says where the ledger lies; /etc/supportd/supportd.toml"};

int show_problems(Context& c, const std::vector<std::string>& problems) {
  for (const auto& problem : problems) c.out << toned(problem, Tone::bad, c.colour) << '\n';
  if (problems.empty()) c.out << "sound\n";
  return problems.empty() ? ok : found_problems;
}

int check_file(Context& c, const std::string& file) {
  const auto problems = store::check_file(file);
  if (!c.json) return show_problems(c, problems);
  json::Writer writer;
  writer.object([&] { writer.member("problems", problems); });
  c.out << writer.take() << '\n';
  return problems.empty() ? ok : found_problems;
}

int check(Context& c, const Given& given) {
  if (!given.positional.empty()) return check_file(c, given.positional[0]);
  const auto verdict = [](const View& v) { return v.at("problems").items().empty() ? ok : found_problems; };
  return show_answer(
      c, c.ask("GET", "/control/ledger/check", ""), [&](const View& v) { show_problems(c, v.strings("problems")); },
      verdict);
}

int backup(Context& c, const Given& given) {
  // The daemon has another working directory.
  const std::string file = std::filesystem::absolute(given.positional[0]).string();
  return show_answer(c, c.ask("POST", "/control/ledger/backup" + query_of({{"file", file}}), ""), [&](const View& v) {
    c.out << "written and checked: " << toned(cell(v, "file"), Tone::plain, false) << '\n';
  });
}

int replay(Context& c, const std::string& slice) {
  return show_answer(
      c, c.ask("POST", "/control/ledger/replay" + query_of({{"slice", slice}}), ""),
      [&](const View& answer) {
        for (const View& one : answer.at("failed").items()) {
          c.out << "ticket " << cell(one, "ticket") << ": " << toned(cell(one, "error"), Tone::plain, false) << '\n';
        }
        c.out << cell(answer, "events") << " events from before " << slice << " shown to it\n";
      },
      [](const View& answer) { return answer.at("failed").items().empty() ? ok : found_problems; });
}

int rebuild(Context& c, const Given& given) {
  const bool verify = given.has("--verify");
  if (given.has("--slice")) {
    if (verify) return c.refuse(usage, "--verify compares tickets with their events; --slice has nothing to compare");
    return replay(c, given.get("--slice"));
  }
  const auto query = query_of({{"verify", verify ? "1" : ""}});
  return show_answer(
      c, c.ask("POST", "/control/ledger/rebuild" + query, ""),
      [&](const View& answer) {
        const auto differing = answer.at("differing").items();
        for (const View& ticket : differing) c.out << "ticket " << ticket.integer() << " differs from its events\n";
        c.out << differing.size() << " differ" << (verify ? "; nothing was changed\n" : ", put right\n");
      },
      [&](const View& answer) { return verify && !answer.at("differing").items().empty() ? found_problems : ok; });
}

std::filesystem::path ledger_of(const Given& given) {
  if (given.has("--ledger")) return given.get("--ledger");
  const std::string file = given.get("--config", "/etc/supportd/supportd.toml");
  const auto loaded = builtin_schema().load(config::read_files(file));
  if (!loaded.config) {
    throw Error(ErrorKind::config, file + " has flaws (supportctl config check " + file +
                                       " names them); say where the ledger lies: --ledger FILE");
  }
  const auto options = ledger_options(*loaded.config);
  if (options.engine == store::Engine::postgresql) {
    throw Error(ErrorKind::refused,
                "a PostgreSQL ledger is restored by PostgreSQL (pg_restore); see docs/operations.md");
  }
  return options.where;
}

int restore(Context& c, const Given& given) {
  const auto ledger = ledger_of(given);
  const auto kept = store::restore(given.positional[0], ledger, time::MachineClock().now());
  if (c.json) {
    json::Writer writer;
    writer.object([&] { writer.member("restored", ledger.string()).member("kept", kept.string()); });
    c.out << writer.take() << '\n';
  } else {
    c.out << "restored: " << toned(ledger.string(), Tone::plain, false);
    if (!kept.empty()) c.out << "\nthe ledger before: " << toned(kept.string(), Tone::plain, false);
    c.out << "\nWhat happened since the backup is not certain: older effects are looked for before they are sent.\n";
  }
  return ok;
}

}  // namespace

std::vector<Command> ledger_commands() {
  return {{.name = "ledger backup",
           .arguments = "FILE",
           .help = "A copy of the living SQLite ledger, checked by opening it; the daemon writes it.",
           .options = {},
           .examples = {"ledger backup /var/lib/supportd/backup.db"},
           .run = backup},
          {.name = "ledger check",
           .arguments = "[FILE]",
           .help = "Problems the database finds in itself; of the living ledger, or of a file that no daemon has open.",
           .options = {},
           .examples = {"ledger check", "ledger check /var/lib/supportd/backup.db"},
           .run = check},
          {.name = "ledger rebuild",
           .arguments = "",
           .help = "Folds every ticket's events anew and puts right what differs.",
           .options = {{.name = "--verify", .value = "", .help = "only name what differs"},
                       {.name = "--slice",
                        .value = "NAME",
                        .help = "instead: show this slice the events from before it was first installed"}},
           .examples = {"ledger rebuild --verify", "ledger rebuild --slice aws_cases"},
           .run = rebuild},
          {.name = "ledger restore",
           .arguments = "BACKUP",
           .help = "Puts a backup in the ledger's place, while no daemon runs.",
           .options = {{.name = "--ledger", .value = "FILE", .help = "the ledger"}, config_option},
           .examples = {"ledger restore /var/lib/supportd/backup.db"},
           .run = restore}};
}

}  // namespace supportd::ctl
