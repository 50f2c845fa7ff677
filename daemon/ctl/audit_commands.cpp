#include <ostream>

#include "daemon/ctl/commands.hpp"
#include "daemon/ctl/terminal.hpp"

namespace supportd::ctl {
namespace {

using json::View;

int tail(Context& c, const Given& given) {
  const auto query = query_of({{"limit", given.get("--limit")}, {"after", given.get("--after")}});
  return show_answer(c, c.ask("GET", "/api/v1/audit" + query, ""), [&](const View& answer) {
    Table table({"entry", "at", "actor", "action", "object", "reason", "detail"});
    for (const View& row : answer.at("audit").items()) {
      table.add({cell(row, "id"), cell(row, "at"), cell(row, "actor"), cell(row, "action"), cell(row, "object"),
                 cell(row, "reason"), cell(row, "detail")});
    }
    table.print(c.out, c.colour);
  });
}

int verify(Context& c, const Given&) {
  return show_answer(
      c, c.ask("GET", "/control/audit/verify", ""),
      [&](const View& answer) {
        for (const View& broken : answer.at("broken").items())
          c.out << toned(broken.string(), Tone::bad, c.colour) << '\n';
        c.out << cell(answer, "sealed_rows") << " entries sealed, " << cell(answer, "unsealed_rows")
              << " not yet; head " << cell(answer, "head") << '\n';
      },
      [](const View& answer) { return answer.at("broken").items().empty() ? ok : found_problems; });
}

// All entries, oldest first, a JSON object a line.
int export_all(Context& c, const Given& given) {
  std::string after = given.get("--after", "0");
  for (;;) {
    const auto answer = c.ask("GET", "/api/v1/audit" + query_of({{"after", after}, {"limit", "1000"}}), "");
    if (answer.status != 200) {
      Context words{c.in, c.out, c.err, false, false, c.ask};
      return show_answer(words, answer, [](const View&) {});
    }
    const auto document = json::Document::parse(answer.body, "the daemon's answer");
    const auto rows = document.root().at("audit").items();
    for (const View& row : rows) c.out << row.scalar_text() << '\n';
    if (rows.empty()) return ok;
    after = rows.back().at("id").scalar_text();
  }
}

}  // namespace

std::vector<Command> audit_commands() {
  const std::vector<Option> page{{.name = "--limit", .value = "N", .help = "50 unless given, 1000 at most"},
                                 {.name = "--after", .value = "ENTRY", .help = "from there on, not the newest"}};
  return {{.name = "audit",
           .arguments = "",
           .help = "What people and rules decided, newest last.",
           .options = page,
           .examples = {"audit --limit 5"},
           .run = tail},
          {.name = "audit tail",
           .arguments = "",
           .help = "What people and rules decided, newest last.",
           .options = page,
           .examples = {"audit tail"},
           .run = tail},
          {.name = "audit verify",
           .arguments = "",
           .help = "Whether any sealed entry was changed; compare the head with the journal's.",
           .options = {},
           .examples = {"audit verify"},
           .run = verify},
          {.name = "audit export",
           .arguments = "",
           .help = "All entries, a JSON object a line.",
           .options = {{.name = "--after", .value = "ENTRY", .help = "from there on"}},
           .examples = {"audit export > audit.jsonl"},
           .run = export_all}};
}

}  // namespace supportd::ctl
