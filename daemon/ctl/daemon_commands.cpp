#include <ostream>
#include <sstream>

#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/terminal.hpp"
#include "daemon/version.hpp"

namespace supportd::ctl {
namespace {

using json::View;

Cell state_cell(const std::string& state) { return {state, state == "ready" ? Tone::good : Tone::warning}; }

void show_outbox(Context& c, const View& status) {
  Table table({"channel", "queued", "leased", "unknown", "parked", "dead", "oldest open"});
  for (const View& channel : status.at("outbox").items()) {
    const View states = channel.at("states");
    const auto count = [&](const char* state, Tone tone) {
      const std::string text = states.at(state).scalar_text();
      return Cell(text, text == "0" ? Tone::plain : tone);
    };
    table.add({cell(channel, "channel"), count("queued", Tone::plain), count("leased", Tone::plain),
               count("unknown", Tone::warning), count("parked", Tone::warning), count("dead", Tone::bad),
               cell(channel, "oldest_open")});
  }
  if (table.empty()) return;
  c.out << '\n';
  table.print(c.out, c.colour);
}

void show_budgets(Context& c, const View& status) {
  Table table({"budget", "free", "of", "in flight", "waiting", "paused until"});
  for (const View& budget : status.at("budgets").items()) {
    table.add({cell(budget, "name"), cell(budget, "available"), cell(budget, "count"), cell(budget, "in_flight"),
               cell(budget, "waiting"), cell(budget, "paused_until")});
  }
  if (table.empty()) return;
  c.out << '\n';
  table.print(c.out, c.colour);
}

void show_status(Context& c, const View& status) {
  const View jobs = status.at("jobs"), ledger = status.at("ledger");
  const auto next = jobs.find("next");
  const std::string paused = cell(jobs, "paused");
  std::vector<std::pair<std::string, Cell>> facts{
      {"state", state_cell(cell(status, "state"))},
      {"mode", {cell(status, "mode"), cell(status, "mode") == "shadow" ? Tone::warning : Tone::plain}},
      {"version", cell(status, "version") + " (" + cell(status, "revision") + ")"},
      {"started", cell(status, "started")},
      {"now", cell(status, "now")},
      {"jobs", cell(jobs, "count") + (paused == "0" ? "" : ", " + paused + " paused")},
      {"next", next ? cell(*next, "job") + " " + cell(*next, "at") : "-"},
      {"ledger", cell(ledger, "engine") + ", " + cell(ledger, "size_bytes") + " bytes"}};
  const View of_slices = status.at("facts");
  for (const auto& [name, text] : of_slices.members()) facts.emplace_back(name, text.string());
  print_facts(c.out, facts, c.colour);
  if (const std::string why = cell(status, "trouble"); why != "-") c.out << toned(why, Tone::bad, c.colour) << '\n';
  if (const std::string why = cell(status, "reload_refused"); why != "-") {
    std::istringstream lines("the last reload was refused: " + why);
    for (std::string line; std::getline(lines, line);) c.out << toned(line, Tone::warning, c.colour) << '\n';
  }
  for (const View& hold : status.at("holds").items()) {
    c.out << toned("held: " + cell(hold, "channel") + " since " + cell(hold, "since") + " by " + cell(hold, "actor") +
                       ": " + cell(hold, "reason"),
                   Tone::warning, c.colour)
          << '\n';
  }
  show_outbox(c, status);
  show_budgets(c, status);
}

void show_reload(Context& c, const View& answer) {
  for (const View& flaw : answer.at("flaws").items())
    c.out << toned(cell(flaw, "text"), Tone::warning, c.colour) << '\n';
  Table changes({"key", "before", "after"});
  for (const View& change : answer.at("changes").items()) {
    changes.add({cell(change, "path"), cell(change, "before"), cell(change, "after")});
  }
  if (!changes.empty()) changes.print(c.out, c.colour);
  Table jobs({"job", "change", "next run before", "next run after"});
  for (const View& job : answer.at("jobs").items()) {
    jobs.add({cell(job, "job"), cell(job, "change"), cell(job, "next_before"), cell(job, "next_after")});
  }
  if (!jobs.empty()) jobs.print(c.out, c.colour);
  const View due = answer.at("due_times");
  Table moves({"due time", "before", "after"});
  for (const View& move : due.at("first").items()) {
    moves.add({cell(move, "what"), cell(move, "before"), cell(move, "after")});
  }
  if (!moves.empty()) {
    c.out << cell(due, "count") << " due times move; the first of them:\n";
    moves.print(c.out, c.colour);
  }
  if (changes.empty() && jobs.empty() && moves.empty()) c.out << "nothing changes\n";
  c.out << (answer.boolean("dry_run", false) ? "nothing was changed: --dry-run\n" : "reloaded\n");
}

int version_of_this(Context& c) {
  if (c.json) {
    json::Writer writer;
    writer.object([&] { writer.member("version", version).member("revision", revision).member("compiler", compiler); });
    c.out << writer.take() << '\n';
  } else {
    c.out << "supportctl " << version << " (" << revision << ", " << compiler << ")\n";
  }
  return ok;
}

}  // namespace

std::vector<Command> daemon_commands() {
  return {{.name = "status",
           .arguments = "",
           .help = "What the daemon is doing: jobs, ledger, outbox, budgets.",
           .options = {},
           .examples = {"status", "status --json | jq .outbox"},
           .run =
               [](Context& c, const Given&) {
                 return show_answer(c, c.ask("GET", "/api/v1/status", ""), [&](const View& v) { show_status(c, v); });
               }},
          {.name = "reload",
           .arguments = "",
           .help = "Reads the configuration anew; keeps the old one on any flaw and says which.",
           .options = {{.name = "--dry-run", .value = "", .help = "only say what would change"}},
           .examples = {"reload --dry-run", "reload"},
           .run =
               [](Context& c, const Given& given) {
                 const auto query = query_of({{"dry_run", given.has("--dry-run") ? "1" : ""}});
                 return show_answer(c, c.ask("POST", "/-/reload" + query, ""),
                                    [&](const View& v) { show_reload(c, v); });
               }},
          {.name = "clock accept",
           .arguments = "",
           .help = "After a jump of the clock by over a day: the time it shows is right, go on.",
           .options = {{.name = "--reason", .value = "TEXT", .help = "for the audit"}},
           .examples = {"clock accept --reason 'new battery'"},
           .run =
               [](Context& c, const Given& given) {
                 const auto query = query_of({{"reason", given.get("--reason")}});
                 return show_answer(c, c.ask("POST", "/control/clock/accept" + query, ""),
                                    [&](const View&) { c.out << "accepted\n"; });
               }},
          {.name = "version",
           .arguments = "",
           .help = "The version of this program; `status` shows the daemon's.",
           .options = {},
           .examples = {"version"},
           .run = [](Context& c, const Given&) { return version_of_this(c); }}};
}

}  // namespace supportd::ctl
