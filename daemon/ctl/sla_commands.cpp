#include <algorithm>
#include <fstream>
#include <ostream>
#include <sstream>

#include "daemon/builtin.hpp"
#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/steps.hpp"
#include "daemon/ctl/terminal.hpp"
#include "jobs/sla/configured.hpp"
#include "jobs/sla/replay.hpp"
#include "jobs/sla/section.hpp"
#include "jobs/sla/stored_rules.hpp"

namespace supportd::ctl {
namespace {

using json::View;

int replay(Context& c, const Given& given) {
  if (!given.has("--scenarios")) return c.refuse(usage, "sla replay needs --scenarios FILE");
  const std::string name = given.get("--scenarios");
  std::ostringstream text;
  if (name == "-") {
    text << c.in.rdbuf();
  } else {
    std::ifstream file(name, std::ios::binary);
    if (!file) return c.refuse(failed, name + " cannot be read");
    text << file.rdbuf();
  }
  const auto document = json::Document::parse(text.str(), name);
  return sla::replay_scenarios(document.root(), c.out) ? ok : found_problems;
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
    for (const auto& [policy, targets] : all) {
      writer.object([&, &policy = policy, &targets = targets] {
        writer.member("name", policy.name).member("rank", policy.rank).member("matches", match_text(policy.match));
        writer.member("calendar", policy.calendar).key("targets").object([&] {
          bool first = true;
          for (const auto& [metric, by_priority] : targets) {
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
    c.out << "no policies: nothing is promised to anybody. etc/sla.toml has some to begin with\n";
  } else {
    table.print(c.out, c.colour);
  }
  return ok;
}

std::string length_text(std::int64_t seconds) {
  return time::to_text(Millis{std::chrono::seconds{seconds < 0 ? -seconds : seconds}});
}

// "3h 20m left", "2h late"; "-" while it stands.
Cell left_cell(const View& clock) {
  const auto left = clock.find("left_seconds");
  if (!left || left->is_null()) return "-";
  const std::int64_t seconds = left->integer();
  const std::int64_t percent = clock.at("percent").integer();
  const Tone tone = seconds < 0 ? Tone::bad : percent >= 80 ? Tone::warning : Tone::plain;
  return {seconds < 0 ? length_text(seconds) + " over" : length_text(seconds), tone};
}

void show_due(Context& c, const View& answer) {
  if (answer.at("policies").integer() == 0) {
    c.out << "no policies: nothing is promised to anybody. etc/sla.toml has some to begin with\n";
    return;
  }
  Table table({"ticket", "priority", "metric", "due", "left", "used", "policy", "subject"});
  for (const View& it : answer.at("due").items()) {
    const bool is_overdue = it.boolean("overdue", false);
    const std::string metric = cell(it, "metric") + (it.at("instance").integer() > 1 ? " " + cell(it, "instance") : "");
    const std::string used = cell(it, "percent");
    table.add({cell(it, "ticket"), cell(it, "priority"), metric,
               Cell(cell(it, "due"), is_overdue ? Tone::bad : Tone::plain), left_cell(it),
               used == "-" ? used : used + " %", cell(it, "policy"), cell(it, "subject")});
  }
  if (table.empty()) {
    c.out << "nothing is due: no clock with a target runs\n";
  } else {
    table.print(c.out, c.colour);
  }
}

int due(Context& c, const Given& given) {
  return show_answer(c, c.ask("GET", "/api/v1/sla/due" + query_of({{"limit", given.get("--limit")}}), ""),
                     [&](const View& v) { show_due(c, v); });
}

// Instants of the daemon's answers in the zone of a clock's calendar.
class InZone {
 public:
  explicit InZone(const std::string& name) {
    if (const auto known = time::Zone::find(name)) zone_ = *known;
  }
  std::string operator()(const std::string& instant) const {
    const auto parsed = time::parse_instant(instant);
    return parsed ? zone_.to_text(*parsed) : instant;
  }
  std::string operator()(const View& object, const char* name) const {
    const std::string text = cell(object, name);
    return text == "-" ? text : (*this)(text);
  }

 private:
  time::Zone zone_ = time::Zone::utc();
};

void show_headline(Context& c, const View& clock, const InZone& in_zone) {
  const bool is_missed = clock.boolean("missed", false);
  const std::string state = cell(clock, "state");
  std::string name = cell(clock, "metric");
  if (clock.at("instance").integer() > 1) name += " " + cell(clock, "instance");
  if (cell(clock, "group") != "-") name += " (" + cell(clock, "group") + ")";
  std::string what = state + ": " + cell(clock, "reason");
  if (is_missed) what = "missed at " + in_zone(clock.at("breaches").items().front(), "at") + ", " + what;
  c.out << '\n'
        << toned(name, Tone::plain, c.colour) << "  " << toned(what, is_missed ? Tone::bad : Tone::good, c.colour)
        << '\n';
  std::vector<std::pair<std::string, Cell>> facts;
  const auto targets = clock.strings("targets");
  std::string promised;
  for (const auto& target : targets) promised += (promised.empty() ? "" : ", ") + target;
  if (!promised.empty()) promised += " of " + cell(clock, "calendar") + ", policy " + cell(clock, "policy");
  facts.emplace_back("  promised", promised.empty() ? "nothing" : promised);
  facts.emplace_back("  due", in_zone(clock, "due"));
  if (cell(clock, "ended") != "-") facts.emplace_back("  ended", in_zone(clock, "ended"));
  std::string used = length_text(clock.at("used_seconds").integer());
  if (clock.at("paused_seconds").integer() > 0) used += ", paused " + length_text(clock.at("paused_seconds").integer());
  facts.emplace_back("  used", used);
  if (state == "running" && cell(clock, "left_seconds") != "-") facts.emplace_back("  left", left_cell(clock));
  print_facts(c.out, facts, c.colour);
}

void show_clock(Context& c, const View& clock) {
  const InZone in_zone(clock.string("zone", "UTC"));
  show_headline(c, clock, in_zone);
  Table segments({"  from", "to", "", "why", "total", "policy"});
  for (const View& it : clock.at("segments").items()) {
    const std::string kind = cell(it, "kind");
    segments.add({"  " + in_zone(it, "from"), in_zone(it, "to"),
                  Cell(kind, kind == "counted" ? Tone::good : Tone::faint), cell(it, "why"),
                  length_text(it.at("total_seconds").integer()), cell(it, "policy")});
  }
  if (!segments.empty()) segments.print(c.out, c.colour);
  Table changes({"  at", "due", "why"});
  for (const View& it : clock.at("changes").items()) {
    changes.add({"  " + in_zone(it, "at"), in_zone(it, "due"), cell(it, "why")});
  }
  if (!changes.empty()) changes.print(c.out, c.colour);
  Table thresholds({"  reached", "", "recorded", "", "note"});
  for (const View& it : clock.at("thresholds").items()) {
    thresholds.add({"  " + in_zone(it, "at"),
                    cell(it, "percent") + " % of " + length_text(it.at("target_seconds").integer()),
                    in_zone(it, "recorded"), cell(it, "state"), cell(it, "note")});
  }
  if (!thresholds.empty()) thresholds.print(c.out, c.colour);
}

void show_explained(Context& c, const View& answer, bool all) {
  c.out << "ticket " << cell(answer, "ticket") << ": " << toned(cell(answer, "subject"), Tone::plain, false) << '\n';
  print_facts(c.out,
              {{"status", cell(answer, "status")},
               {"policy", cell(answer, "policy") == "-" ? "none matches" : cell(answer, "policy")},
               {"rules", "version " + cell(answer, "version")},
               {"as of", cell(answer, "now")}},
              c.colour);
  int hidden = 0;
  for (const View& clock : answer.at("clocks").items()) {
    const bool is_promised = !clock.strings("targets").empty() || clock.boolean("missed", false);
    if (all || is_promised) {
      show_clock(c, clock);
    } else {
      ++hidden;
    }
  }
  if (hidden > 0) {
    c.out << '\n' << hidden << " more clocks are measured, without a target: --all shows them\n";
  }
}

int explain(Context& c, const Given& given) {
  const std::string path = "/api/v1/tickets/" + http::percent_encode(given.positional[0]) + "/sla";
  return show_answer(c, c.ask("GET", path, ""), [&](const View& v) { show_explained(c, v, given.has("--all")); });
}

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
  Table table({"tier", "metric", "clocks", "kept now", "kept then", "missed now", "missed then", "gained", "lost"});
  for (const auto& [key, row] : sum.rows) {
    const auto count = [](std::int64_t number, Tone tone) {
      return number == 0 ? Cell("0") : Cell(std::to_string(number), tone);
    };
    table.add({key.first.empty() ? "-" : key.first, key.second, std::to_string(row.after.clocks),
               percent_text(row.before.kept, row.before.missed), percent_text(row.after.kept, row.after.missed),
               std::to_string(row.before.missed), std::to_string(row.after.missed), count(row.gained, Tone::bad),
               count(row.lost, Tone::good)});
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

int simulate(Context& c, const Given& given) {
  if (!given.has("--policy")) return c.refuse(usage, "sla simulate needs --policy FILE");
  for (const char* option : {"--from", "--to"}) {
    const auto parsed = given.has(option) ? time::parse_instant(given.get(option)) : Parsed<Instant>(Instant{});
    if (!parsed) return c.refuse(usage, std::string(option) + ": " + parsed.error().what);
  }
  const auto loaded = builtin_schema().load(config::read_files(given.get("--policy")));
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
                     "/control/sla/simulate" +
                         query_of({{"from", given.get("--from")}, {"to", given.get("--to")}, {"after", after}}),
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
          {.name = "sla due",
           .arguments = "",
           .help = "The clocks that are due next, those overdue first, with the time of their calendar that is left.",
           .options = {{.name = "--limit", .value = "N", .help = "at most that many; 20 unless given"}},
           .examples = {"sla due", "sla due --limit 100 --json"},
           .run = due},
          {.name = "sla explain",
           .arguments = "TICKET",
           .help = "Every stretch of a ticket's clocks: what counted, what did not, and why.",
           .options = {{.name = "--all", .value = "", .help = "clocks without a target, too"}},
           .examples = {"sla explain 7", "sla explain 7 --all --json"},
           .run = explain},
          {.name = "sla simulate",
           .arguments = "",
           .help = "What other policies would have meant for the tickets of a time that has passed; writes nothing.",
           .options = {{.name = "--policy",
                        .value = "FILE",
                        .help = "with [[sla.policy]], and [calendar] if they use others than those installed"},
                       {.name = "--from", .value = "TIME", .help = "of clocks that began then or later"},
                       {.name = "--to", .value = "TIME", .help = "and before; now unless given"}},
           .examples = {"sla simulate --policy ./stricter.toml --from 2026-10-01T00:00:00Z --to 2026-11-01T00:00:00Z"},
           .run = simulate},
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
