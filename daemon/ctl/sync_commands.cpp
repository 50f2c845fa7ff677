#include <ostream>

#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/running.hpp"
#include "daemon/ctl/terminal.hpp"
#include "daemon/time/clock.hpp"

namespace supportd::ctl {
namespace {

using json::View;

constexpr Millis longest_job = std::chrono::hours{24 * 30};
const Option limit{.name = "--limit", .value = "N", .help = "50 unless given, 1000 at most"};

bool is_number(const std::string& text) {
  return !text.empty() && text.size() <= 18 && text.find_first_not_of("0123456789") == text.npos;
}

void show_diff(Context& c, const View& answer) {
  for (const View& side : answer.at("desks").items()) {
    c.out << toned(cell(side, "system") + " " + cell(side, "remote_id") + ", " + cell(side, "state"), Tone::faint,
                   c.colour)
          << '\n';
    if (const std::string trouble = side.string("trouble", ""); !trouble.empty()) {
      c.out << toned("  " + trouble, Tone::bad, c.colour) << '\n';
      continue;
    }
    const auto missing = side.at("missing").members();
    for (const auto& [field, value] : missing) {
      c.out << toned("  " + field + ": '" + value.string() + "' in the ledger has no counterpart there", Tone::warning,
                     c.colour)
            << '\n';
    }
    if (side.at("fields").items().empty()) {
      if (missing.empty()) c.out << "  in step\n";
      continue;
    }
    Table table({"field", "agreed", "at the desk", "in the ledger", "what becomes of it"});
    for (const View& field : side.at("fields").items()) {
      table.add({cell(field, "field"), cell(field, "agreed"), cell(field, "desk"), cell(field, "ledger"),
                 cell(field, "outcome")});
    }
    table.print(c.out, c.colour);
  }
}

int diff(Context& c, const Given& given) {
  if (!is_number(given.positional[0])) return c.refuse(usage, "TICKET is a number, the ledger's own");
  const auto verdict = [](const View& answer) {
    for (const View& side : answer.at("desks").items()) {
      if (!side.string("trouble", "").empty()) return failed;
    }
    return ok;
  };
  return show_answer(
      c, c.ask("GET", "/control/sync/" + given.positional[0] + "/diff", ""), [&](const View& v) { show_diff(c, v); },
      verdict);
}

int plan(Context& c, const Given& given) {
  const auto query = query_of({{"limit", given.get("--limit")}});
  const auto verdict = [](const View& answer) { return answer.strings("trouble").empty() ? ok : failed; };
  const auto show = [&](const View& answer) {
    for (const char* lines : {"plan", "words"}) {
      for (const auto& line : answer.strings(lines)) c.out << toned(line, Tone::plain, false) << '\n';
    }
    for (const auto& line : answer.strings("trouble")) c.out << toned(line, Tone::bad, c.colour) << '\n';
    c.out << answer.strings("plan").size() << " fields and " << answer.strings("words").size()
          << " words or tickets would be written; nothing was\n";
    if (const auto dead = answer.integer("dead", 0); dead > 0) {
      c.out << toned("dead writes, which send nothing until they are retried: " + std::to_string(dead) +
                         "; see supportctl outbox --state dead",
                     Tone::warning, c.colour)
            << '\n';
    }
  };
  return show_answer(c, c.ask("GET", "/control/sync/plan" + query, ""), show, verdict);
}

void show_conflicts(Context& c, const View& answer) {
  Table table(
      {"conflict", "at", "ticket", "desk", "field", "agreed", "at the desk", "in the ledger", "won", "resolved"});
  for (const View& row : answer.at("conflicts").items()) {
    table.add({cell(row, "id"), cell(row, "at"), cell(row, "ticket"), cell(row, "system"), cell(row, "field"),
               cell(row, "agreed"), cell(row, "desk"), cell(row, "ledger"), cell(row, "winner"),
               cell(row, "resolved")});
  }
  table.print(c.out, c.colour);
}

int explain(Context& c, const Given& given) {
  if (!is_number(given.positional[0])) return c.refuse(usage, "TICKET is a number, the ledger's own");
  const auto query = query_of({{"field", given.get("--field")}});
  return show_answer(
      c, c.ask("GET", "/api/v1/sync/" + given.positional[0] + "/history" + query, ""), [&](const View& answer) {
        if (given.has("--field") && answer.at("changes").items().empty()) {
          c.out << toned("no change of '" + given.get("--field") + "' is known", Tone::plain, false) << '\n';
        }
        Table table({"field", "became", "when", "known since", "from", "by", "why"});
        for (const View& change : answer.at("changes").items()) {
          std::string value = cell(change, "value");
          for (const auto& tag : change.strings("added")) value += " +" + tag;
          for (const auto& tag : change.strings("removed")) value += " -" + tag;
          table.add({cell(change, "field"), value, cell(change, "effective"), cell(change, "recorded"),
                     cell(change, "from"), cell(change, "by"), cell(change, "rule")});
        }
        table.print(c.out, c.colour);
        for (const View& write : answer.at("writes").items()) {
          c.out << toned("last written to " + cell(write, "system") + " " + cell(write, "remote_id") + ": " +
                             cell(write, "at") + ", " + cell(write, "state"),
                         Tone::faint, c.colour)
                << '\n';
        }
        if (!answer.at("conflicts").items().empty()) show_conflicts(c, answer);
      });
}

int conflicts(Context& c, const Given& given) {
  const auto query = query_of(
      {{"all", given.has("--all") ? "1" : ""}, {"before", given.get("--before")}, {"limit", given.get("--limit")}});
  return show_answer(c, c.ask("GET", "/api/v1/sync/conflicts" + query, ""),
                     [&](const View& v) { show_conflicts(c, v); });
}

int resolve(Context& c, const Given& given) {
  if (!is_number(given.positional[0]))
    return c.refuse(usage, "CONFLICT is a number, as supportctl sync conflicts has it");
  const auto query = query_of({{"winner", given.positional[1]}, {"reason", given.get("--reason")}});
  return show_answer(c, c.ask("POST", "/control/sync/conflicts/" + given.positional[0] + "/resolve" + query, ""),
                     [&](const View& answer) {
                       c.out << "conflict " << cell(answer, "id") << ": the " << cell(answer, "winner") << " has it\n";
                     });
}

void show_drift(Context& c, const View& answer) {
  const auto rows = answer.at("drift").items();
  if (!rows.empty()) {
    Table table({"desk", "its ticket", "ticket", "what", "field", "at the desk", "in the ledger", "found"});
    for (const View& row : rows) {
      table.add({cell(row, "system"), cell(row, "remote_id"), cell(row, "ticket"), cell(row, "kind"),
                 cell(row, "field"), cell(row, "desk"), cell(row, "ledger"), cell(row, "found")});
    }
    table.print(c.out, c.colour);
  }
  for (const View& desk : answer.at("verified").items()) {
    const std::string system = desk.string("system", ""), at = desk.string("at", "");
    if (at.empty()) {
      c.out << toned(system + ": never verified; supportctl sync verify " + system, Tone::warning, c.colour) << '\n';
    } else {
      c.out << toned(system + ": verified " + at, Tone::faint, c.colour) << '\n';
    }
  }
  if (rows.empty()) c.out << "no drift\n";
}

int drift_verdict(const View& answer) { return answer.at("drift").items().empty() ? ok : found_problems; }

int drift(Context& c, const Given& given) {
  const std::string desk = given.positional.empty() ? "" : given.positional[0];
  const auto query = query_of({{"system", desk}, {"after", given.get("--after")}, {"limit", given.get("--limit")}});
  return show_answer(
      c, c.ask("GET", "/api/v1/sync/drift" + query, ""), [&](const View& v) { show_drift(c, v); }, drift_verdict);
}

int verify(Context& c, const Given& given) {
  if (given.has("--limit") && !is_number(given.get("--limit"))) return c.refuse(usage, "--limit takes a number");
  const std::string desk = given.positional.empty() ? "" : given.positional[0];
  const auto answer = run_job(
      c, "desk_verify", {{"arg.desk", desk}, {"arg.comments", given.has("--comments") ? "yes" : ""}}, longest_job);
  Context words{c.in, c.err, c.err, false, false, c.ask};
  const int code = show_answer(
      c.json ? words : c, answer, [&](const View& run) { (c.json ? c.err : c.out) << words_of(run) << '\n'; },
      verdict_of_run);
  return code == ok ? drift(c, given) : code;
}

int backfill(Context& c, const Given& given) {
  if (given.has("--since")) {
    const auto since = time::parse_instant(given.get("--since"));
    if (!since) return c.refuse(usage, "--since: " + since.error().what);
    if (*since > time::MachineClock().now())
      return c.refuse(usage, "--since: " + given.get("--since") + " is yet to come");
  }
  const Parameters parameters{{"arg.desk", given.positional[0]}, {"arg.since", given.get("--since")}};
  return show_answer(
      c, run_job(c, "desk_backfill", parameters, longest_job), [&](const View& run) { c.out << words_of(run) << '\n'; },
      verdict_of_run);
}

}  // namespace

std::vector<Command> sync_commands() {
  return {
      {.name = "sync plan",
       .arguments = "",
       .help = "What the open writes to the desks would change, field by field, and which words and tickets they would "
               "bring; reads the desks, writes nothing.",
       .options = {limit},
       .examples = {"sync plan"},
       .run = plan},
      {.name = "sync diff",
       .arguments = "TICKET",
       .help = "How a ticket stands at each desk, read just now, and what becomes of each difference.",
       .options = {},
       .examples = {"sync diff 7"},
       .run = diff},
      {.name = "sync explain",
       .arguments = "TICKET",
       .help = "Every value the ticket has had: when, from which side, why it stands; which conflicts there were, and "
               "when each desk was last written to.",
       .options = {{.name = "--field", .value = "NAME", .help = "only this one"}},
       .examples = {"sync explain 7 --field status"},
       .run = explain},
      {.name = "sync conflicts",
       .arguments = "",
       .help = "Fields that both sides had changed, and who won by rule; those that nobody has looked at.",
       .options = {{.name = "--all", .value = "", .help = "resolved ones too"},
                   {.name = "--before", .value = "CONFLICT", .help = "older than this one"},
                   limit},
       .examples = {"sync conflicts", "sync conflicts --all --limit 200"},
       .run = conflicts},
      {.name = "sync resolve",
       .arguments = "CONFLICT WINNER",
       .help = "The value of \"desk\" or \"ledger\" shall stand, on both sides.",
       .options = {{.name = "--reason", .value = "TEXT", .help = "for the audit"}},
       .examples = {"sync resolve 17 desk --reason 'the agent is right'"},
       .run = resolve},
      {.name = "sync backfill",
       .arguments = "DESK",
       .help = "Takes in the tickets that a desk had before it was connected; goes on where it was interrupted.",
       .options = {{.name = "--since", .value = "INSTANT", .help = "those changed since then"}},
       .examples = {"sync backfill freshdesk:main --since 2026-01-01T00:00:00Z", "sync backfill freshdesk:main"},
       .run = backfill},
      {.name = "sync verify",
       .arguments = "[DESK]",
       .help = "Reads the desks in full beside the ledger and lists what differs; exit 3 when anything does.",
       .options = {{.name = "--comments", .value = "", .help = "each ticket's comments too, at a call a ticket"},
                   limit},
       .examples = {"sync verify", "sync verify freshdesk:main --comments"},
       .run = verify},
      {.name = "sync drift",
       .arguments = "[DESK]",
       .help = "What the last verification found.",
       .options = {{.name = "--after", .value = "ID", .help = "later in the list than this one"}, limit},
       .examples = {"sync drift"},
       .run = drift}};
}

}  // namespace supportd::ctl
