// The commands of supportctl: what they are called, what they take, and how a line becomes one.
#pragma once

#include <functional>
#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/http/client.hpp"
#include "daemon/json.hpp"
#include "daemon/result.hpp"

namespace supportd::ctl {

// Exit codes of all commands.
inline constexpr int ok = 0, failed = 1, usage = 2, found_problems = 3;

// Asks the living daemon: (method, path and query, body). Throws Error{unreachable} when there is none.
using Ask = std::function<http::Response(const std::string&, const std::string&, const std::string&)>;

struct Context {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool colour = false;
  bool json = false;  // print what the daemon said, unchanged
  Ask ask;
  bool progress = false;  // errors go to a terminal: long work may show how far it is

  // Says what is wrong, with --json on `out` too: {"error": "..."}. Returns `code`.
  int refuse(int code, const std::string& what);
};

struct Option {
  std::string name;   // "--limit"
  std::string value;  // "N"; empty: takes none
  std::string help;
  bool optional_value = false;  // --wait or --wait=5m
};

struct Given {
  std::vector<std::string> positional;
  std::multimap<std::string, std::string> options;

  bool has(const std::string& name) const { return options.contains(name); }
  std::string get(const std::string& name, std::string otherwise = "") const;
};

struct Command {
  std::string name;       // "outbox retry"
  std::string arguments;  // "ID [FILE]": square brackets mean optional; "..." all that follows, unread
  std::string help;       // one sentence
  std::vector<Option> options;
  std::vector<std::string> examples;
  std::function<int(Context&, const Given&)> run;
};

// All there are, by group as help shows them.
std::vector<Command> all_commands();

struct Line {
  const Command* command = nullptr;
  Given given;
  bool json = false;
  bool help = false;
  std::string group;   // whose commands help is about: "sync"; empty: one command's, or all
  std::string socket;  // empty: the default
};
// `arguments` without the program's name. The mistake says what exists.
Parsed<Line> parse_line(const std::vector<Command>& commands, const std::vector<std::string>& arguments);

std::string help_of(const Command& command);
// `group`: those that begin with it; empty: all.
std::string help_of_all(const std::vector<Command>& commands, const std::string& group = "");

// Runs one line; errors go to `context.err`.
int run(Context& context, const std::vector<std::string>& arguments,
        const std::function<Ask(const std::string& socket)>& connect);

// What a command that asks the daemon does with the answer: prints it as it came, or calls `show`; says errors in
// words. Returns 2 for what was asked wrongly (400), 1 for other errors, else what `verdict` makes of the answer, 0
// without one.
int show_answer(Context& context, const http::Response& answer, const std::function<void(const json::View&)>& show,
                const std::function<int(const json::View&)>& verdict = {});
// "?a=1&b=2" of those that are not empty, encoded.
std::string query_of(const std::vector<std::pair<std::string, std::string>>& parameters);
// A file, or standard input for "-". At most 256 MiB; the mistake says what is in the way.
Parsed<std::string> read_input(Context& context, const std::string& name);
// A member as text; "-" when it is absent, null or empty.
std::string cell(const json::View& object, std::string_view name);
// "next_reply 2": a clock's metric, and which of the ticket's it is after the first.
std::string clock_name(const json::View& clock);

}  // namespace supportd::ctl
