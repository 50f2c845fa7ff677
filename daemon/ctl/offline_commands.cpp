#include <algorithm>
#include <ostream>
#include <set>

#include "daemon/builtin.hpp"
#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/cron.hpp"
#include "daemon/ctl/terminal.hpp"
#include "daemon/http/curl_client.hpp"
#include "daemon/run/each.hpp"
#include "daemon/sections.hpp"
#include "jobs/desk_sync/desk.hpp"
#include "jobs/desk_sync/online.hpp"

namespace supportd::ctl {
namespace {

constexpr const char* default_file = "/etc/supportd/supportd.toml";

config::Loaded load(const Given& given) {
  std::optional<std::filesystem::path> drop_ins;
  if (given.has("--conf-dir")) drop_ins = given.get("--conf-dir");
  const std::string file = given.positional.empty() ? default_file : given.positional[0];
  return builtin_schema().load(config::read_files(file, drop_ins));
}

// The flaws too, where there are any.
void print_warnings(Context& c, const config::Loaded& loaded) {
  for (const auto& flaw : loaded.flaws) {
    c.out << toned(config::to_text(flaw), flaw.warning ? Tone::warning : Tone::bad, c.colour) << '\n';
  }
}

void print_flaws(Context& c, const config::Loaded& loaded) {
  if (c.json) {
    json::Writer writer;
    writer.object([&] {
      writer.member("sound", loaded.config != nullptr).key("flaws").array([&] {
        for (const auto& flaw : loaded.flaws) {
          writer.object([&] {
            writer.member("file", flaw.file).member("line", static_cast<int>(flaw.line));
            writer.member("column", static_cast<int>(flaw.column)).member("path", flaw.path);
            writer.member("what", flaw.what).member("warning", flaw.warning);
          });
        }
      });
    });
    c.out << writer.take() << '\n';
    return;
  }
  print_warnings(c, loaded);
  if (loaded.config) c.out << "sound\n";
}

int check(Context& c, const Given& given) {
  const auto loaded = load(given);
  print_flaws(c, loaded);
  return loaded.config ? ok : found_problems;
}

struct OnlineRemark {
  std::string path, what;
  bool warning = false;
};

// Each desk is asked for its form; one that cannot be asked is a remark of its own.
std::vector<OnlineRemark> remarks_of_desks(const config::Config& config) {
  time::MachineClock clock;
  http::CurlClient http(client_options(config), clock);
  const auto& mappings = config.get<desk_sync::Section>("desk_sync");
  std::vector<OnlineRemark> out;
  const auto desks = builtin_desks(config, http, clock);
  std::vector<std::string> in_ledger;
  const auto cannot_be_asked = [&](const auto& one, const std::exception& error) {
    out.push_back({one.first, std::string("the desk cannot be asked: ") + error.what()});
  };
  std::set<std::string> silent;
  run::each(
      desks,
      [&](const auto& one) {
        const auto fields = desk_sync::fields_brought_by(desk_sync::mapping_of(mappings, one.first), *one.second, {});
        in_ledger.insert(in_ledger.end(), fields.begin(), fields.end());
      },
      [&](const auto& one, const std::exception& error) {
        silent.insert(one.first);
        cannot_be_asked(one, error);
      });
  if (!silent.empty()) in_ledger.clear();
  run::each(
      desks,
      [&](const auto& one) {
        const auto& [system, desk] = one;
        if (silent.contains(system)) return;
        std::string table = system + ".";
        table[table.find(':')] = '.';
        const auto add = [&](const std::string& within, const std::vector<desk_sync::Remark>& remarks) {
          for (const auto& remark : remarks) out.push_back({within + remark.key, remark.what, remark.warning});
        };
        add(table, desk_sync::compare_names_with_desk(*desk, {}));
        add("desk_sync." + table,
            desk_sync::compare_with_desk(desk_sync::mapping_of(mappings, system), *desk, in_ledger, {}));
      },
      cannot_be_asked);
  return out;
}

int verify(Context& c, const Given& given) {
  const auto loaded = load(given);
  if (!loaded.config || !given.has("--online")) return check(c, given);
  const auto remarks = remarks_of_desks(*loaded.config);
  const bool sound = std::ranges::all_of(remarks, &OnlineRemark::warning);
  if (c.json) {
    json::Writer writer;
    writer.object([&] {
      writer.member("sound", sound).key("remarks").array([&] {
        for (const auto& it : remarks) {
          writer.object([&] { writer.member("path", it.path).member("what", it.what).member("warning", it.warning); });
        }
      });
    });
    c.out << writer.take() << '\n';
    return sound ? ok : found_problems;
  }
  print_warnings(c, loaded);
  for (const auto& it : remarks) {
    c.out << toned(it.path + ": " + (it.warning ? "warning: " : "") + it.what, it.warning ? Tone::warning : Tone::bad,
                   c.colour)
          << '\n';
  }
  if (sound) c.out << "sound, and the desks agree\n";
  return sound ? ok : found_problems;
}

int print(Context& c, const Given& given) {
  if (given.positional.empty()) {
    const auto answer = c.ask("GET", c.json ? "/control/config?json=1" : "/control/config", "");
    if (answer.status == 200) {
      c.out << answer.body << (c.json ? "\n" : "");
      return ok;
    }
    return show_answer(c, answer, [](const json::View&) {});
  }
  const auto loaded = load(given);
  if (!loaded.config) {
    print_flaws(c, loaded);
    return found_problems;
  }
  if (!c.json) {
    c.out << config::print(in_force(*loaded.config));
    return ok;
  }
  c.out << config::print_json(in_force(*loaded.config)) << '\n';
  return ok;
}

}  // namespace

std::vector<Command> offline_commands() {
  const std::vector<Option> options{
      {.name = "--conf-dir", .value = "DIRECTORY", .help = "further files; conf.d beside FILE"}};
  return {
      {.name = "config check",
       .arguments = "[FILE]",
       .help = "All that is wrong with the files, by line and column; no daemon is asked.",
       .options = options,
       .examples = {"config check", "config check ./supportd.toml"},
       .run = check},
      {.name = "config verify",
       .arguments = "[FILE]",
       .help = "As check; with --online the desks are asked whether they know the fields and values that are mapped.",
       .options = {options[0],
                   {.name = "--online", .value = "", .help = "reads each desk's form with the keys of FILE"}},
       .examples = {"config verify --online", "config verify --online ./supportd.toml"},
       .run = verify},
      {.name = "config print",
       .arguments = "[FILE]",
       .help = "What is in force: the daemon's, or what FILE would make of it; secrets as ***.",
       .options = options,
       .examples = {"config print", "config print ./supportd.toml"},
       .run = print},
      {.name = "cron",
       .arguments = "...",
       .help = "next | explain: what a schedule means, without a daemon.",
       .options = {},
       .examples = {"cron next '0 9 * * mon-fri' --zone Asia/Seoul", "cron explain '30 2 * * *' --zone Europe/Berlin"},
       .run = [](Context& c, const Given& given) { return run_cron(given.positional, c.in, c.out, c.err); }}};
}

std::vector<Command> all_commands() {
  std::vector<Command> out;
  for (auto group : {daemon_commands, job_commands, outbox_commands, case_commands, ticket_commands, sync_commands,
                     calendar_commands, sla_commands, sla_asking_commands, sla_simulate_commands, audit_commands,
                     ledger_commands, offline_commands}) {
    for (Command& command : group()) out.push_back(std::move(command));
  }
  return out;
}

}  // namespace supportd::ctl
