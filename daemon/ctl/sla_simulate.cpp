// What other policies would have meant.
#include <map>
#include <ostream>

#include "daemon/builtin.hpp"
#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/steps.hpp"
#include "daemon/ctl/terminal.hpp"
#include "jobs/sla/configured.hpp"
#include "jobs/sla/stored_rules.hpp"

namespace supportd::ctl {
namespace {

using json::View;

// What the steps of a simulation come to.
struct Sum {
  struct Side {
    std::int64_t clocks = 0, kept = 0, missed = 0;
    void add(const View& it) {
      clocks += it.at("clocks").integer();
      kept += it.at("kept").integer();
      missed += it.at("missed").integer();
    }
    void write(json::Writer& out, const char* name) const {
      out.key(name).object([&] { out.member("clocks", clocks).member("kept", kept).member("missed", missed); });
    }
  };
  struct Row {
    Side before, after;
    std::int64_t gained = 0, lost = 0;
  };
  std::int64_t tickets = 0;
  std::map<std::pair<std::string, std::string>, Row> rows;
  std::vector<std::int64_t> gained, lost;

  void add(const View& step) {
    tickets += step.at("tickets").integer();
    for (const View& it : step.at("rows").items()) {
      Row& row = rows[{it.string("tier", ""), it.at("metric").string()}];
      row.before.add(it.at("before"));
      row.after.add(it.at("after"));
      row.gained += it.at("gained").integer();
      row.lost += it.at("lost").integer();
    }
    for (const View& it : step.at("gained").items()) gained.push_back(it.integer());
    for (const View& it : step.at("lost").items()) lost.push_back(it.integer());
  }
  std::string to_json() const {
    json::Writer out;
    const auto write_all = [&](const char* name, const std::vector<std::int64_t>& all) {
      out.key(name).array([&] {
        for (const std::int64_t id : all) out.value(id);
      });
    };
    out.object([&] {
      out.member("tickets", tickets).key("rows").array([&] {
        for (const auto& [key, row] : rows) {
          out.object([&, &k = key, &r = row] {
            out.member("tier", k.first).member("metric", k.second);
            r.before.write(out, "before");
            r.after.write(out, "after");
            out.member("gained", r.gained).member("lost", r.lost);
          });
        }
      });
      write_all("gained", gained);
      write_all("lost", lost);
    });
    return out.take();
  }
};

std::string first_of(const std::vector<std::int64_t>& ids) {
  constexpr std::size_t most = 20;
  std::string out;
  for (std::size_t i = 0; i < ids.size() && i < most; ++i) out += (i == 0 ? "" : ", ") + std::to_string(ids[i]);
  return ids.size() > most ? out + " and " + std::to_string(ids.size() - most) + " more" : out;
}

std::string percent_text(std::int64_t kept, std::int64_t missed) {
  if (kept + missed == 0) return "-";
  const std::int64_t tenths = kept * 1000 / (kept + missed);
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " %";
}

void show_sum(Context& c, const Sum& sum) {
  Table table({"tier", "metric", "clocks now", "clocks then", "kept now", "kept then", "missed now", "missed then",
               "gained", "lost"});
  for (const auto& [key, row] : sum.rows) {
    const auto count = [](std::int64_t number, Tone tone) {
      return number == 0 ? Cell("0") : Cell(std::to_string(number), tone);
    };
    table.add({key.first.empty() ? "-" : key.first, key.second, std::to_string(row.before.clocks),
               std::to_string(row.after.clocks), percent_text(row.before.kept, row.before.missed),
               percent_text(row.after.kept, row.after.missed), std::to_string(row.before.missed),
               std::to_string(row.after.missed), count(row.gained, Tone::bad), count(row.lost, Tone::good)});
  }
  if (table.empty()) {
    c.out << "no clock with a target began in that time\n";
  } else {
    table.print(c.out, c.colour);
  }
  if (!sum.gained.empty()) c.out << "tickets that would miss more: " << first_of(sum.gained) << '\n';
  if (!sum.lost.empty()) c.out << "tickets that would miss less: " << first_of(sum.lost) << '\n';
  c.out << sum.tickets << " tickets looked at; nothing was written\n";
}

// Policies that bring no calendars are tried with those of the daemon.
void take_calendars(config::Source& source, const std::string& daemons_config) {
  config::Source daemons = config::read_texts({{"the daemon's configuration", daemons_config}});
  auto* const tables = std::get_if<config::Node::Table>(&source.root.value);
  if (config::Entry* const theirs = daemons.root.find("calendar"); theirs != nullptr && tables != nullptr) {
    tables->push_back(std::move(*theirs));
  }
}

int simulate(Context& c, const Given& given) {
  if (!given.has("--policy")) return c.refuse(usage, "sla simulate needs --policy FILE");
  std::map<std::string, Instant> ends;
  for (const char* option : {"--from", "--to"}) {
    if (!given.has(option)) continue;
    const auto parsed = time::parse_instant(given.get(option));
    if (!parsed) return c.refuse(usage, std::string(option) + ": " + parsed.error().what);
    ends[option] = *parsed;
  }
  if (ends.size() == 2 && ends["--to"] < ends["--from"]) return c.refuse(usage, "--to is before --from");
  config::Source source = config::read_files(given.get("--policy"));
  const bool brings_calendars = source.root.find("calendar") != nullptr;
  if (!brings_calendars) {
    const auto answer = c.ask("GET", "/control/config", "");
    if (answer.status != 200) return show_answer(c, answer, [](const View&) {});
    take_calendars(source, answer.body);
  }
  const auto loaded = builtin_schema().load(source);
  for (const auto& flaw : loaded.flaws) c.err << config::to_text(flaw) << '\n';
  if (!loaded.config) return c.refuse(found_problems, "the policies are not sound");
  const auto rules = sla::rules_of(*loaded.config);
  if (rules.policies.empty()) return c.refuse(found_problems, given.get("--policy") + " has no [[sla.policy]]");
  const std::string body = sla::encode(rules);
  Sum sum;
  const int code = in_steps(
      c,
      [&](const std::string& after) {
        return c.ask("POST",
                     "/control/sla/simulate" + query_of({{"from", given.get("--from")},
                                                         {"to", given.get("--to")},
                                                         {"after", after},
                                                         {"calendars", brings_calendars ? "given" : "in_force"}}),
                     body);
      },
      [&](const View& step) { sum.add(step); });
  if (code != ok) return code;
  if (c.json) {
    c.out << sum.to_json() << '\n';
  } else {
    show_sum(c, sum);
  }
  return ok;
}

}  // namespace

std::vector<Command> sla_simulate_commands() {
  return {{.name = "sla simulate",
           .arguments = "",
           .help = "What other policies would have meant for the tickets of a time that has passed; writes nothing.",
           .options = {{.name = "--policy",
                        .value = "FILE",
                        .help = "with [[sla.policy]]; with [calendar] it brings its own, else the daemon's are used"},
                       {.name = "--from", .value = "TIME", .help = "of clocks that began then or later"},
                       {.name = "--to", .value = "TIME", .help = "and before; now unless given"}},
           .examples = {"sla simulate --policy ./stricter.toml --from 2026-10-01T00:00:00Z --to 2026-11-01T00:00:00Z"},
           .run = simulate}};
}

}  // namespace supportd::ctl
