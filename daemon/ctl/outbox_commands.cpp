#include <ostream>

#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/terminal.hpp"

namespace supportd::ctl {
namespace {

using json::View;

const Option reason{.name = "--reason", .value = "TEXT", .help = "for the audit"};

Tone tone_of(const std::string& state) {
  if (state == "dead") return Tone::bad;
  if (state == "unknown" || state == "parked") return Tone::warning;
  return state == "done" ? Tone::good : Tone::plain;
}

void show_list(Context& c, const View& answer) {
  for (const View& hold : answer.at("holds").items()) {
    c.out << toned("channel " + cell(hold, "channel") + " is held by " + cell(hold, "actor") + " since " +
                       cell(hold, "since") + ": " + cell(hold, "reason"),
                   Tone::warning, c.colour)
          << '\n';
  }
  Table table({"effect", "channel", "subject", "state", "attempts", "due", "key", "error"});
  for (const View& effect : answer.at("effects").items()) {
    const std::string state = cell(effect, "state");
    table.add({cell(effect, "id"), cell(effect, "channel"), cell(effect, "subject"), Cell(state, tone_of(state)),
               cell(effect, "attempts"), cell(effect, "due"), cell(effect, "key"), cell(effect, "error")});
  }
  table.print(c.out, c.colour);
}

void show_effect(Context& c, const View& effect) {
  std::vector<std::pair<std::string, Cell>> facts;
  for (const char* name : {"id", "state", "key", "ref", "channel", "lane", "kind", "subject", "caused_at", "created_at",
                           "due", "attempts", "attempt_at", "ended_at", "remote_id", "error", "payload"}) {
    const std::string value = cell(effect, name);
    facts.emplace_back(name, Cell(value, std::string_view(name) == "state" ? tone_of(value) : Tone::plain));
  }
  print_facts(c.out, facts, c.colour);
}

int list(Context& c, const Given& given) {
  std::vector<std::pair<std::string, std::string>> query;
  for (const char* name : {"state", "channel", "lane", "subject", "before", "limit"}) {
    query.emplace_back(name, given.get(std::string("--") + name));
  }
  query.emplace_back("all", given.has("--all") ? "1" : "");
  return show_answer(c, c.ask("GET", "/api/v1/outbox" + query_of(query), ""), [&](const View& v) { show_list(c, v); });
}

bool is_number(const std::string& text) {
  return !text.empty() && text.size() <= 18 && text.find_first_not_of("0123456789") == text.npos;
}

int show(Context& c, const Given& given) {
  if (!is_number(given.positional[0])) return c.refuse(usage, "EFFECT is a number, as supportctl outbox shows it");
  return show_answer(c, c.ask("GET", "/api/v1/outbox/" + http::percent_encode(given.positional[0]), ""),
                     [&](const View& effect) { show_effect(c, effect); });
}

Command decision(const std::string& word, std::string help) {
  return {.name = "outbox " + word,
          .arguments = "EFFECT",
          .help = std::move(help),
          .options = {reason},
          .examples = {"outbox " + word + " 17 --reason 'checked by hand'"},
          .run = [word](Context& c, const Given& given) {
            if (!is_number(given.positional[0])) {
              return c.refuse(usage, "EFFECT is a number, as supportctl outbox shows it");
            }
            const std::string path = "/control/outbox/" + http::percent_encode(given.positional[0]) + "/" + word;
            return show_answer(c, c.ask("POST", path + query_of({{"reason", given.get("--reason")}}), ""),
                               [&](const View& effect) { show_effect(c, effect); });
          }};
}

Command gate(const std::string& word, std::string help) {
  return {.name = "outbox " + word,
          .arguments = "CHANNEL",
          .help = std::move(help),
          .options = {reason},
          .examples = {"outbox " + word + " freshdesk:main --reason 'new rule'"},
          .run = [word](Context& c, const Given& given) {
            const std::string path =
                "/control/outbox/channels/" + http::percent_encode(given.positional[0]) + "/" + word;
            return show_answer(c, c.ask("POST", path + query_of({{"reason", given.get("--reason")}}), ""),
                               [&](const View& answer) {
                                 c.out << toned(cell(answer, "channel"), Tone::plain, false)
                                       << (word == "hold" ? " is held\n" : " is released\n");
                               });
          }};
}

}  // namespace

std::vector<Command> outbox_commands() {
  const std::vector<Option> filters{
      {.name = "--all", .value = "", .help = "finished ones too"},
      {.name = "--state", .value = "STATE", .help = "only these: queued, leased, unknown, parked, dead, done, dropped"},
      {.name = "--channel", .value = "NAME", .help = "\"freshdesk:main\", \"aws_support\", \"log\""},
      {.name = "--lane", .value = "NAME", .help = "the object it goes to"},
      {.name = "--subject", .value = "NAME", .help = "ticket:7"},
      {.name = "--before", .value = "EFFECT", .help = "older than this one"},
      {.name = "--limit", .value = "N", .help = "50 unless given, 1000 at most"}};
  const std::vector<std::string> examples{"outbox --state dead", "outbox list --subject ticket:7 --all"};
  const std::string help =
      "What is owed to the outside world, newest first: queued, leased, unknown, parked or dead; done and dropped with "
      "--all.";
  return {{.name = "outbox", .arguments = "", .help = help, .options = filters, .examples = examples, .run = list},
          {.name = "outbox list", .arguments = "", .help = help, .options = filters, .examples = examples, .run = list},
          {.name = "outbox show",
           .arguments = "EFFECT",
           .help = "One effect, whole.",
           .options = {},
           .examples = {"outbox show 17"},
           .run = show},
          decision("retry", "A parked or dead effect is sent again."),
          decision("drop", "It never leaves."),
          decision("park", "It waits for a decision; its lane goes on."),
          gate("hold", "Nothing leaves by this channel until it is released."),
          gate("release", "Ends a hold.")};
}

}  // namespace supportd::ctl
