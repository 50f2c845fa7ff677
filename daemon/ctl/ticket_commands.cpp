#include <algorithm>
#include <ostream>
#include <sstream>

#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/terminal.hpp"

namespace supportd::ctl {
namespace {

using json::View;

const Option reason{.name = "--reason", .value = "TEXT", .help = "for the audit"};

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) out += (out.empty() ? "" : ", ") + text;
  return out.empty() ? "-" : out;
}

void show_list(Context& c, const View& answer) {
  Table table({"ticket", "status", "priority", "updated", "origin", "subject"});
  for (const View& ticket : answer.at("tickets").items()) {
    const std::string status = ticket.boolean("deleted", false)     ? "deleted"
                               : cell(ticket, "merged_into") != "-" ? "merged"
                                                                    : cell(ticket, "status");
    table.add({cell(ticket, "id"), status, cell(ticket, "priority"), cell(ticket, "updated"), cell(ticket, "origin"),
               cell(ticket, "subject")});
  }
  table.print(c.out, c.colour);
}

void show_messages(Context& c, const View& answer) {
  for (const View& message : answer.at("messages").items()) {
    c.out << '\n'
          << toned("message " + cell(message, "id") + "  " + cell(message, "created") + "  " +
                       cell(message, "visibility") + " by " + cell(message, "author") + " " +
                       cell(message, "author_name") + " (" + cell(message, "origin") + ")",
                   Tone::faint, c.colour)
          << '\n';
    std::istringstream lines(message.string("text", ""));
    for (std::string line; std::getline(lines, line);) c.out << "  " << toned(line, Tone::plain, false) << '\n';
    for (const View& file : message.at("attachments").items()) {
      c.out << "  "
            << toned("[" + cell(file, "name") + ", " + cell(file, "size") + " bytes, " + cell(file, "state") + "]",
                     Tone::faint, c.colour)
            << '\n';
    }
  }
}

std::string change_of(const View& event) {
  const std::string kind = cell(event, "kind");
  if (kind == "tags") {
    return "tags +" + joined(event.strings("added")) + " -" + joined(event.strings("removed"));
  }
  if (kind == "field") return "field " + cell(event, "name") + " = " + cell(event, "value");
  return kind + (cell(event, "value") == "-" ? "" : " " + cell(event, "value"));
}

void show_ticket(Context& c, const View& answer) {
  const View ticket = answer.at("ticket");
  std::vector<std::pair<std::string, Cell>> facts;
  for (const char* name : {"id", "subject", "status", "priority", "created", "updated", "solved", "type", "group",
                           "category", "product_area", "severity", "merged_into"}) {
    facts.emplace_back(name, cell(ticket, name));
  }
  facts.emplace_back("tags", joined(ticket.strings("tags")));
  for (const auto& [name, value] : ticket.at("fields").members()) facts.emplace_back(name, value.scalar_text());
  for (const View& link : answer.at("links").items()) {
    facts.emplace_back("link", cell(link, "system") + " " + cell(link, "remote_id") + " (" + cell(link, "state") + ")");
  }
  print_facts(c.out, facts, c.colour);
  show_messages(c, answer);
  c.out << '\n';
  Table events({"seq", "effective", "change", "origin", "actor"});
  for (const View& event : answer.at("events").items()) {
    events.add(
        {cell(event, "seq"), cell(event, "effective"), change_of(event), cell(event, "origin"), cell(event, "actor")});
  }
  events.print(c.out, c.colour);
}

int list(Context& c, const Given& given) {
  std::vector<std::pair<std::string, std::string>> query;
  for (const char* name : {"status", "tag", "text", "before", "limit"}) {
    query.emplace_back(name, given.get(std::string("--") + name));
  }
  return show_answer(c, c.ask("GET", "/api/v1/tickets" + query_of(query), ""), [&](const View& v) { show_list(c, v); });
}

int show(Context& c, const Given& given) {
  return show_answer(c, c.ask("GET", "/api/v1/tickets/" + http::percent_encode(given.positional[0]), ""),
                     [&](const View& v) { show_ticket(c, v); });
}

constexpr const char* settable[] = {"status", "priority", "type",         "subject",
                                    "group",  "category", "product_area", "severity"};

// "--product-area" of "product_area".
std::string option_of(std::string name) {
  std::ranges::replace(name, '_', '-');
  return "--" + name;
}

std::string list_of(const Given& given, const std::string& option) {
  std::string out;
  const auto [first, last] = given.options.equal_range(option);
  for (auto it = first; it != last; ++it) out += (out.empty() ? "" : ",") + it->second;
  return out;
}

int set(Context& c, const Given& given) {
  // An empty value is one: it clears.
  std::string query;
  const auto add = [&](const std::string& name, const std::string& value) {
    query += (query.empty() ? "?" : "&") + http::percent_encode(name) + "=" + http::percent_encode(value);
  };
  for (const std::string name : settable) {
    if (given.options.count(option_of(name)) > 1) return c.refuse(usage, option_of(name) + " is given twice");
    if (given.has(option_of(name))) add(name, given.get(option_of(name)));
  }
  const auto [first, last] = given.options.equal_range("--field");
  for (auto field = first; field != last; ++field) {
    const auto equals = field->second.find('=');
    if (equals == 0 || equals == field->second.npos) return c.refuse(usage, "--field takes NAME=VALUE");
    add("field." + field->second.substr(0, equals), field->second.substr(equals + 1));
  }
  for (const std::string name : {"tag", "untag"}) {
    if (given.has("--" + name)) add(name, list_of(given, "--" + name));
  }
  if (given.has("--reason")) add("reason", given.get("--reason"));
  const std::string path = "/control/tickets/" + http::percent_encode(given.positional[0]) + "/set" + query;
  return show_answer(c, c.ask("POST", path, ""), [&](const View& answer) {
    const std::string changed = cell(answer, "changed");
    c.out << "ticket " << toned(given.positional[0], Tone::plain, false) << ": "
          << (changed == "-" ? "nothing changed" : toned(changed, Tone::plain, false)) << '\n';
  });
}

int redact(Context& c, const Given& given) {
  const std::string& message = given.positional[0];
  if (message.empty() || message.size() > 18 || message.find_first_not_of("0123456789") != message.npos) {
    return c.refuse(usage, "MESSAGE is a number, as supportctl tickets show has it");
  }
  const std::string path = "/control/messages/" + message + "/redact" + query_of({{"reason", given.get("--reason")}});
  return show_answer(c, c.ask("POST", path, ""),
                     [&](const View&) { c.out << "message " << message << " is erased\n"; });
}

int aside(Context& c, const Given& given) {
  const auto query = query_of({{"limit", given.get("--limit")}});
  return show_answer(c, c.ask("GET", "/api/v1/aside" + query, ""), [&](const View& answer) {
    Table table({"number", "source", "id there", "tries", "next", "error"});
    for (const View& row : answer.at("aside").items()) {
      table.add({cell(row, "id"), cell(row, "source"), cell(row, "remote_id"), cell(row, "tries"), cell(row, "next"),
                 cell(row, "error")});
    }
    table.print(c.out, c.colour);
  });
}

int change_aside(Context& c, const Given& given, const char* how, const char* done) {
  const std::string path = "/control/aside/" + http::percent_encode(given.positional[0]) + "/" + how +
                           query_of({{"reason", given.get("--reason")}});
  return show_answer(c, c.ask("POST", path, ""), [&](const View&) { c.out << done << '\n'; });
}

int retry(Context& c, const Given& given) {
  return change_aside(c, given, "retry", "it is read again at the next run");
}

int drop(Context& c, const Given& given) {
  return change_aside(c, given, "drop", "it is let go of; what its source tells anew is taken anew");
}

}  // namespace

std::vector<Command> ticket_commands() {
  const std::vector<Option> filters{
      {.name = "--status", .value = "STATUS", .help = "new, open, pending, hold, solved ..."},
      {.name = "--tag", .value = "TAG", .help = "that carry it"},
      {.name = "--text", .value = "TEXT", .help = "part of the subject"},
      {.name = "--before", .value = "TICKET", .help = "older than this one"},
      {.name = "--limit", .value = "N", .help = "50 unless given, 1000 at most"}};
  const Option limit{.name = "--limit", .value = "N", .help = "50 unless given, 1000 at most"};
  const std::string help = "The ledger's tickets, newest first.";
  const std::vector<std::string> examples{"tickets --status open", "tickets list --tag aws-support"};
  const std::string aside_help = "Rows of outside systems that could not be understood.";
  return {
      {.name = "tickets", .arguments = "", .help = help, .options = filters, .examples = examples, .run = list},
      {.name = "tickets list", .arguments = "", .help = help, .options = filters, .examples = examples, .run = list},
      {.name = "tickets show",
       .arguments = "TICKET",
       .help = "One ticket: fields, messages, history.",
       .options = {},
       .examples = {"tickets show 7"},
       .run = show},
      {.name = "tickets set",
       .arguments = "TICKET",
       .help = "Changes a ticket in the ledger; its desks get the change as their mappings say.",
       .options = {{.name = "--status", .value = "STATUS", .help = "new, open, pending, hold, solved ..."},
                   {.name = "--priority", .value = "PRIORITY", .help = "low, normal, high, urgent; empty: none"},
                   {.name = "--type", .value = "TEXT", .help = "\"incident\", as the desks call it"},
                   {.name = "--subject", .value = "TEXT", .help = "the new subject"},
                   {.name = "--group", .value = "TEXT", .help = "the new group"},
                   {.name = "--category", .value = "TEXT", .help = "the new category"},
                   {.name = "--product-area", .value = "TEXT", .help = "the new product area"},
                   {.name = "--severity", .value = "TEXT", .help = "the new severity"},
                   {.name = "--field", .value = "NAME=VALUE", .help = "may be given again; empty: unset"},
                   {.name = "--tag", .value = "TAG", .help = "adds it; may be given again"},
                   {.name = "--untag", .value = "TAG", .help = "takes it away; may be given again"},
                   reason},
       .examples = {"tickets set 7 --status open --tag vip --reason 'asked by phone'",
                    "tickets set 7 --field cf_ref=A-1"},
       .run = set},
      {.name = "tickets redact",
       .arguments = "MESSAGE",
       .help =
           "Erases a message's text, its earlier texts and its files here, for good; what is at the desks is theirs.",
       .options = {reason},
       .examples = {"tickets redact 17 --reason 'a password was in it'"},
       .run = redact},
      {.name = "aside", .arguments = "", .help = aside_help, .options = {limit}, .examples = {"aside"}, .run = aside},
      {.name = "sync aside list",
       .arguments = "",
       .help = aside_help,
       .options = {limit},
       .examples = {"sync aside list"},
       .run = aside},
      {.name = "sync aside retry",
       .arguments = "ID",
       .help = "The same as aside retry.",
       .options = {reason},
       .examples = {"sync aside retry 3"},
       .run = retry},
      {.name = "aside list",
       .arguments = "",
       .help = aside_help,
       .options = {limit},
       .examples = {"aside list"},
       .run = aside},
      {.name = "aside retry",
       .arguments = "NUMBER",
       .help = "Reads one again now rather than later.",
       .options = {reason},
       .examples = {"aside retry 3"},
       .run = retry},
      {.name = "aside drop",
       .arguments = "NUMBER",
       .help = "Lets go of one that nobody needs; one without an id goes by itself a week after it was met last.",
       .options = {reason},
       .examples = {"aside drop 3 --reason 'a test row'"},
       .run = drop}};
}

}  // namespace supportd::ctl
