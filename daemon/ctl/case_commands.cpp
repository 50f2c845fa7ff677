#include <ostream>

#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/terminal.hpp"

namespace supportd::ctl {
namespace {

using json::View, json::Writer;

const Option reason{.name = "--reason", .value = "TEXT", .help = "for the audit"};

// Without an account the slice is not there, and neither are its routes.
bool has_cases(Context& c) {
  const auto jobs = c.ask("GET", "/api/v1/jobs", "");
  if (jobs.status != 200 || jobs.body.find("\"aws_cases\"") != jobs.body.npos) return true;
  c.refuse(failed, "this daemon has no AWS account: [[aws.account]]");
  return false;
}

// Of what goes its way nobody asks why.
bool is_under_way(const View& row) {
  const std::string state = cell(row, "state");
  return state == "open" || state == "resolved";
}

void show_list(Context& c, const View& answer) {
  for (const View& account : answer.at("parked_accounts").items()) {
    c.out << toned("account " + cell(account, "account") + " is not asked since " + cell(account, "since") + ": " +
                       cell(account, "reason"),
                   Tone::warning, c.colour)
          << '\n';
  }
  Table table({"case", "ticket", "state", "at AWS", "severity", "account", "waiting since", "subject", "why"});
  for (const View& row : answer.at("cases").items()) {
    table.add({cell(row, "display_id") == "-" ? cell(row, "key") : cell(row, "display_id"), cell(row, "ticket"),
               cell(row, "state"), cell(row, "aws_status"), cell(row, "severity"), cell(row, "account"),
               cell(row, "waiting_since"), cell(row, "subject"), is_under_way(row) ? "" : cell(row, "reason")});
  }
  table.print(c.out, c.colour);
}

void show_case(Context& c, const View& row) {
  std::vector<std::pair<std::string, Cell>> facts;
  for (const auto& [name, value] : row.members()) {
    if (value.is_array() || value.is_object()) continue;
    facts.emplace_back(name, cell(row, name));
  }
  print_facts(c.out, facts, c.colour);
  for (const auto& [name, value] : row.members()) {
    if (!value.is_array()) continue;
    for (const View& item : value.items()) c.out << toned(name + ": " + item.scalar_text(), Tone::plain, false) << '\n';
  }
}

int list(Context& c, const Given& given) {
  if (!has_cases(c)) return failed;
  const auto query = query_of(
      {{"state", given.get("--state")}, {"account", given.get("--account")}, {"before", given.get("--before")}});
  return show_answer(c, c.ask("GET", "/api/v1/cases" + query, ""), [&](const View& v) { show_list(c, v); });
}

int show(Context& c, const Given& given) {
  if (!has_cases(c)) return failed;
  return show_answer(c, c.ask("GET", "/api/v1/cases/" + http::percent_encode(given.positional[0]), ""),
                     [&](const View& v) { show_case(c, v); });
}

int post(Context& c, const std::string& word, const std::function<void(Writer&)>& members) {
  if (!has_cases(c)) return failed;
  Writer body;
  body.object([&] { members(body); });
  return show_answer(c, c.ask("POST", "/control/cases/" + word, body.take()), [&](const View& v) { show_case(c, v); });
}

int link(Context& c, const Given& given) {
  const std::string& ticket = given.positional[0];
  if (ticket.empty() || ticket.find_first_not_of("0123456789") != ticket.npos || ticket.size() > 18) {
    return c.refuse(usage, "TICKET is a number, the ledger's own");
  }
  return post(c, "link", [&](Writer& body) {
    body.member("ticket", static_cast<std::int64_t>(std::stoll(ticket)));
    body.member("account", given.positional[1]).member("case_id", given.positional[2]);
    body.member("reason", given.get("--reason"));
  });
}

int plan(Context& c, const Given&) {
  if (!has_cases(c)) return failed;
  const auto show = [&](const View& answer) {
    for (const View& line : answer.at("plan").items()) c.out << toned(line.string(), Tone::plain, false) << '\n';
    for (const auto& trouble : answer.strings("troubles")) {
      c.out << toned("could not be asked: " + trouble, Tone::bad, c.colour) << '\n';
    }
    c.out << answer.at("plan").items().size() << " changes, " << cell(answer, "cases") << " cases read in "
          << cell(answer, "calls") << " calls; nothing was written\n";
  };
  return show_answer(c, c.ask("GET", "/control/cases/plan", ""), show,
                     [](const View& answer) { return answer.strings("troubles").empty() ? ok : failed; });
}

}  // namespace

std::vector<Command> case_commands() {
  const std::vector<Option> filters{
      {.name = "--state", .value = "STATE", .help = "the answer to an unknown one names all"},
      {.name = "--account", .value = "ID", .help = "of AWS"},
      {.name = "--before", .value = "ROW", .help = "older than this one, by `row` of --json"}};
  const std::string help = "AWS Support cases and their tickets, newest first.";
  const std::vector<std::string> examples{"cases", "cases list --state open"};
  return {{.name = "cases", .arguments = "", .help = help, .options = filters, .examples = examples, .run = list},
          {.name = "cases list", .arguments = "", .help = help, .options = filters, .examples = examples, .run = list},
          {.name = "cases show",
           .arguments = "CASE",
           .help = "One case, by its number or id at AWS, or its key here.",
           .options = {},
           .examples = {"cases show 12345678910", "cases show case:freshdesk:main:7:1"},
           .run = show},
          {.name = "cases link",
           .arguments = "TICKET ACCOUNT CASE",
           .help = "An existing AWS case belongs to this ticket from now on.",
           .options = {reason},
           .examples = {"cases link 7 111122223333 case-111122223333-muen-2026-0123456789abcdef"},
           .run = link},
          {.name = "cases unlink",
           .arguments = "CASE",
           .help = "Nothing is mirrored for it any more.",
           .options = {reason},
           .examples = {"cases unlink 12345678910 --reason 'wrong ticket'"},
           .run =
               [](Context& c, const Given& given) {
                 return post(c, "unlink", [&](Writer& body) {
                   body.member("case", given.positional[0]).member("reason", given.get("--reason"));
                 });
               }},
          {.name = "cases approve",
           .arguments = "CASE",
           .help = "The severity that waits for a person's word is granted.",
           .options = {reason},
           .examples = {"cases approve case:freshdesk:main:7:1"},
           .run =
               [](Context& c, const Given& given) {
                 return post(c, "approve", [&](Writer& body) {
                   body.member("case", given.positional[0]).member("reason", given.get("--reason"));
                 });
               }},
          {.name = "cases plan",
           .arguments = "",
           .help = "What the next sweep would write, by the code that writes it.",
           .options = {},
           .examples = {"cases plan"},
           .run = plan}};
}

}  // namespace supportd::ctl
