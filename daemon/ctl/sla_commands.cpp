#include <algorithm>
#include <ostream>

#include "daemon/builtin.hpp"
#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/terminal.hpp"
#include "daemon/version.hpp"
#include "jobs/sla/replay.hpp"
#include "jobs/sla/section.hpp"

namespace supportd::ctl {
namespace {

int replay(Context& c, const Given& given) {
  if (!given.has("--scenarios")) return c.refuse(usage, "sla replay needs --scenarios FILE");
  const std::string name = given.get("--scenarios");
  const auto text = read_input(c, name);
  if (!text) return c.refuse(failed, name + " cannot be read: " + text.error().what);
  const auto document = json::Document::parse(*text, name);
  return sla::replay_scenarios(document.root(), c.out, c.err) ? ok : found_problems;
}

std::string match_text(const sla::Match& match) {
  std::string out;
  const auto say = [&](const char* name, const std::vector<std::string>& values) {
    if (values.empty()) return;
    out += (out.empty() ? "" : ", ") + std::string(name) + " ";
    for (std::size_t i = 0; i < values.size(); ++i) out += (i == 0 ? "" : " or ") + values[i];
  };
  say("tier", match.tier);
  say("priority", match.priority);
  say("group", match.group);
  say("organisation", match.organisation);
  say("channel", match.channel);
  say("tag", match.tags);
  say("not tag", match.tags_not);
  return out.empty() ? "every ticket" : out;
}

// Priorities in order of urgency, "any" last.
std::vector<std::pair<std::string, std::string>> by_urgency(const std::map<std::string, sla::Targets>& targets) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const char* priority : {"urgent", "high", "normal", "low", "any"}) {
    if (const auto at = targets.find(priority); at != targets.end()) out.emplace_back(priority, to_text(at->second));
  }
  return out;
}

// Says what is wrong; null when nothing is.
std::shared_ptr<const config::Config> sound_config(Context& c, const Given& given) {
  const std::string file = given.get("--config", "/etc/supportd/supportd.toml");
  const auto loaded = builtin_schema().load(config::read_files(file));
  for (const auto& flaw : loaded.flaws) c.err << config::to_text(flaw) << '\n';
  return loaded.config;
}

int check(Context& c, const Given& given) {
  const auto config = sound_config(c, given);
  if (!config) return c.refuse(found_problems, "the configuration is not sound");
  const auto count = config->get<sla::Section>("sla").policies.size();
  if (c.json) {
    json::Writer writer;
    writer.object([&] { writer.member("sound", true).member("policies", count); });
    c.out << writer.take() << '\n';
  } else {
    c.out << "sound: " << count << (count == 1 ? " policy\n" : " policies\n");
  }
  return ok;
}

int list(Context& c, const Given& given) {
  const auto config = sound_config(c, given);
  if (!config) return c.refuse(found_problems, "the configuration is not sound");
  auto all = config->get<sla::Section>("sla").policies;
  std::ranges::stable_sort(all, {}, [](const sla::PolicySection& it) { return it.policy.rank; });
  Table table({"rank", "policy", "matches", "calendar", "metric", "targets"});
  json::Writer writer;
  writer.array([&] {
    for (const sla::PolicySection& it : all) {
      const sla::Policy& policy = it.policy;
      writer.object([&] {
        writer.member("name", policy.name).member("rank", policy.rank).member("matches", match_text(policy.match));
        writer.member("calendar", policy.calendar).key("targets").object([&] {
          bool first = true;
          for (const auto& [metric, by_priority] : it.targets) {
            if (by_priority.empty()) continue;
            std::string text;
            writer.key(sla::to_text(metric)).object([&, &by_priority = by_priority] {
              for (const auto& [priority, target] : by_urgency(by_priority)) {
                text += (text.empty() ? "" : "; ") + priority + " " + target;
                writer.member(priority, target);
              }
            });
            table.add({first ? std::to_string(policy.rank) : "", first ? policy.name : "",
                       first ? match_text(policy.match) : "", first ? policy.calendar : "",
                       std::string(sla::to_text(metric)), text});
            first = false;
          }
        });
      });
    }
  });
  if (c.json) {
    c.out << writer.take() << '\n';
  } else if (table.empty()) {
    c.out << "no policies: nothing is promised to anybody. " << data_directory << "/sla.toml has some to begin with\n";
  } else {
    table.print(c.out, c.colour);
  }
  return ok;
}

}  // namespace

std::vector<Command> sla_commands() {
  const Option config{
      .name = "--config", .value = "FILE", .help = "supportd's; /etc/supportd/supportd.toml unless given"};
  return {{.name = "sla policies list",
           .arguments = "",
           .help = "Who is promised what, by rank; no daemon is asked.",
           .options = {config},
           .examples = {"sla policies list", "sla policies list --config ./supportd.toml"},
           .run = list},
          {.name = "sla policies check",
           .arguments = "",
           .help = "All that is wrong with the policies, their calendars and the rest of a configuration.",
           .options = {config},
           .examples = {"sla policies check --config ./supportd.toml"},
           .run = check},
          {.name = "sla replay",
           .arguments = "",
           .help = "What the clocks of scenarios come to: a JSON line each; no daemon is asked.",
           .options = {{.name = "--scenarios",
                        .value = "FILE",
                        .help = "calendars and scenarios as JSON; - for standard input"}},
           .examples = {"sla replay --scenarios sla-scenarios.json --json"},
           .run = replay}};
}

}  // namespace supportd::ctl
