// What people ask the living daemon about clocks.
#include <algorithm>
#include <ostream>

#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/terminal.hpp"
#include "daemon/time/zone.hpp"
#include "daemon/version.hpp"
#include "jobs/calendar/target.hpp"

namespace supportd::ctl {
namespace {

using json::View;

std::string length_text(std::int64_t seconds) {
  return calendar::hours_text(std::chrono::seconds{seconds < 0 ? -seconds : seconds});
}

// "3h20m", "2h over"; "-" while it stands.
Cell left_cell(const View& clock) {
  const auto left = clock.find("left_seconds");
  if (!left || left->is_null()) return "-";
  const std::int64_t seconds = left->integer();
  return seconds < 0 ? Cell(length_text(seconds) + " over", Tone::bad) : Cell(length_text(seconds));
}

Cell standing_cell(const View& clock) {
  if (clock.boolean("overdue", false)) return {"overdue", Tone::bad};
  return clock.boolean("at_risk", false) ? Cell("at risk", Tone::warning) : Cell("");
}

void show_due(Context& c, const View& answer, bool at_risk_only) {
  if (answer.at("policies").integer() == 0) {
    c.out << "no policies: nothing is promised to anybody. " << data_directory << "/sla.toml has some to begin with\n";
    return;
  }
  Table table({"ticket", "priority", "metric", "due", "", "left", "used", "policy", "subject"});
  for (const View& it : answer.at("due").items()) {
    const std::string used = cell(it, "percent");
    table.add({cell(it, "ticket"), cell(it, "priority"), clock_name(it), cell(it, "due"), standing_cell(it),
               left_cell(it), used == "-" ? used : used + " %", cell(it, "policy"), cell(it, "subject")});
  }
  if (table.empty()) {
    c.out << (at_risk_only ? "nothing is at risk\n" : "nothing is due: no clock with a target runs\n");
  } else {
    table.print(c.out, c.colour);
  }
}

int due(Context& c, const Given& given) {
  const bool at_risk_only = given.has("--at-risk");
  const auto query = query_of({{"limit", given.get("--limit")}, {"at_risk", at_risk_only ? "1" : ""}});
  return show_answer(c, c.ask("GET", "/api/v1/sla/due" + query, ""),
                     [&](const View& v) { show_due(c, v, at_risk_only); });
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
  std::string name = clock_name(clock);
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
  facts.emplace_back("  due",
                     clock.boolean("beyond", false)
                         ? Cell("never: after the end of 2037, up to which business time is known", Tone::warning)
                         : Cell(in_zone(clock, "due")));
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
    thresholds.add({"  " + in_zone(it, "at"), cell(it, "percent") + " % of " + cell(it, "target"),
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

}  // namespace

std::vector<Command> sla_asking_commands() {
  return {{.name = "sla due",
           .arguments = "",
           .help = "The clocks that are due next, those overdue first, with the time of their calendar that is left.",
           .options = {{.name = "--limit", .value = "N", .help = "at most that many; 20 unless given"},
                       {.name = "--at-risk",
                        .value = "",
                        .help = "only what is overdue or has reached a threshold, of the thousand due next"}},
           .examples = {"sla due", "sla due --at-risk", "sla due --limit 100 --json"},
           .run = due},
          {.name = "sla explain",
           .arguments = "TICKET",
           .help = "Every stretch of a ticket's clocks: what counted, what did not, and why.",
           .options = {{.name = "--all", .value = "", .help = "clocks without a target, too"}},
           .examples = {"sla explain 7", "sla explain 7 --all --json"},
           .run = explain}};
}

}  // namespace supportd::ctl
