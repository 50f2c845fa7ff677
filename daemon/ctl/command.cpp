#include "daemon/ctl/command.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>

#include "daemon/config/suggest.hpp"
#include "daemon/ctl/terminal.hpp"

namespace supportd::ctl {
namespace {

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}

using Words = std::vector<std::string>;

std::string joined(const Words& all) {
  std::string out;
  for (const auto& word : all) out += (out.empty() ? "" : " ") + word;
  return out;
}

// The words that may follow: of none "outbox" and the others, of "sla policies" "list" and "check".
Words names_below(const std::vector<Command>& commands, const Words& group) {
  Words out;
  for (const Command& command : commands) {
    const auto name = words(command.name);
    if (name.size() <= group.size() || !std::equal(group.begin(), group.end(), name.begin())) continue;
    if (const auto& next = name[group.size()]; std::ranges::find(out, next) == out.end()) out.push_back(next);
  }
  return out;
}

// As many words as commands begin with.
Words group_of(const std::vector<Command>& commands, Words plain) {
  while (!plain.empty() && names_below(commands, plain).empty()) plain.pop_back();
  return plain;
}

// The command with the most words that the line begins with.
const Command* match(const std::vector<Command>& commands, const std::vector<std::string>& plain) {
  const Command* best = nullptr;
  std::size_t most = 0;
  for (const Command& command : commands) {
    const auto name = words(command.name);
    if (name.size() > plain.size() || name.size() <= most) continue;
    if (!std::equal(name.begin(), name.end(), plain.begin())) continue;
    best = &command;
    most = name.size();
  }
  return best;
}

bool takes_the_rest(const Command& command) { return command.arguments == "..."; }

std::optional<std::string> count_flaw(const Command& command, std::size_t given) {
  const auto wanted = words(command.arguments);
  const auto needed = static_cast<std::size_t>(
      std::ranges::count_if(wanted, [](const std::string& word) { return !word.starts_with('['); }));
  if (given < needed) return wanted[given] + " is missing";
  if (given > wanted.size()) return "too many arguments";
  return {};
}

Parsed<Given> read_options(const Command& command, const std::vector<std::string>& rest, std::size_t skip) {
  Given out;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (!rest[i].starts_with("--") || rest[i] == "--") {
      if (skip > 0) {
        --skip;
      } else {
        out.positional.push_back(rest[i]);
      }
      continue;
    }
    const std::size_t equals = rest[i].find('=');
    const std::string name = rest[i].substr(0, equals);
    const auto known = std::ranges::find(command.options, name, &Option::name);
    if (known == command.options.end()) {
      std::vector<std::string> names;
      for (const Option& option : command.options) names.push_back(option.name);
      if (names.empty()) return Mistake{"no option " + name + ": this command has only --json, --socket and --help"};
      return Mistake{"no option " + name + ": " + config::known_names(name, names)};
    }
    if (known->value.empty() && equals != rest[i].npos) return Mistake{name + " takes no value"};
    std::string value;
    if (equals != rest[i].npos) {
      value = rest[i].substr(equals + 1);
    } else if (!known->value.empty() && !known->optional_value) {
      if (i + 1 == rest.size()) return Mistake{name + " takes a value: " + known->value};
      value = rest[++i];
    }
    out.options.emplace(name, value);
  }
  return out;
}

std::string detail_of(const http::Response& answer) {
  try {
    const auto document = json::Document::parse(answer.body, "answer");
    return document.root().string("detail", document.root().string("title", answer.body));
  } catch (const Error&) {
    return answer.body.empty() ? "the daemon answered " + std::to_string(answer.status) : answer.body;
  }
}

}  // namespace

std::string Given::get(const std::string& name, std::string otherwise) const {
  const auto found = options.find(name);
  return found == options.end() ? otherwise : found->second;
}

Parsed<Line> parse_line(const std::vector<Command>& commands, const std::vector<std::string>& arguments) {
  if (!arguments.empty() && arguments[0] == "--version") return parse_line(commands, {"version"});
  if (!arguments.empty() && arguments[0] == "help") {
    std::vector<std::string> asked(arguments.begin() + 1, arguments.end());
    asked.emplace_back("--help");
    return parse_line(commands, asked);
  }
  Line line;
  std::vector<std::string> rest, plain;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    const Command* so_far = match(commands, plain);
    if (so_far != nullptr && takes_the_rest(*so_far)) {
      rest.push_back(word);
    } else if (word == "--json") {
      line.json = true;
    } else if (word == "--help" || word == "-h") {
      line.help = true;
    } else if (word == "--socket" || word.starts_with("--socket=")) {
      if (word == "--socket" && i + 1 == arguments.size()) return Mistake{"--socket takes a value: PATH"};
      line.socket = word == "--socket" ? arguments[++i] : word.substr(9);
    } else {
      if (!word.starts_with("--")) plain.push_back(word);
      rest.push_back(word);
    }
  }
  if (plain.empty()) {
    if (line.help) return line;
    return Mistake{"a command is missing: " + config::known_names("", names_below(commands, {}))};
  }
  line.command = match(commands, plain);
  if (line.command == nullptr) {  // "sync aside" is "sync aside list"
    auto listing = plain;
    listing.push_back("list");
    line.command = match(commands, listing);
  }
  const Words group = group_of(commands, plain);
  const bool is_group = group.size() == plain.size();
  if (line.help && is_group) line.group = joined(group);
  if (line.command == nullptr) {
    if (!line.group.empty()) return line;
    const auto below = names_below(commands, group);
    if (is_group) return Mistake{joined(group) + " takes one of its commands: " + config::known_names("", below)};
    const std::string& wrong = plain[group.size()];
    const std::string whole = group.empty() ? wrong : joined(group) + " " + wrong;
    return Mistake{"no command '" + whole + "': " + config::known_names(wrong, below)};
  }
  if (line.help) return line;
  const std::size_t named = std::min(words(line.command->name).size(), plain.size());
  if (takes_the_rest(*line.command)) {
    line.given.positional.assign(rest.begin() + static_cast<std::ptrdiff_t>(named), rest.end());
    return line;
  }
  auto given = read_options(*line.command, rest, named);
  if (!given) return Mistake{line.command->name + ": " + given.error().what};
  line.given = std::move(*given);
  if (const auto flaw = count_flaw(*line.command, line.given.positional.size())) {
    const auto below = names_below(commands, words(line.command->name));
    const bool has_more = !below.empty() && !line.given.positional.empty();
    const std::string known = has_more ? "; " + config::known_names(line.given.positional[0], below) : "";
    return Mistake{line.command->name + ": " + *flaw + known};
  }
  return line;
}

std::string help_of(const Command& command) {
  std::string out = "usage: supportctl " + command.name;
  if (!command.arguments.empty()) out += " " + command.arguments;
  if (!command.options.empty()) out += " [OPTIONS]";
  out += "\n" + command.help + "\n";
  Table options({"option", ""});
  for (const Option& option : command.options) {
    std::string left = option.name;
    if (!option.value.empty()) left += option.optional_value ? "[=" + option.value + "]" : " " + option.value;
    options.add({left, option.help});
  }
  options.add({"--json", "print the answer as JSON"});
  options.add({"--socket PATH", "the daemon's control socket"});
  std::ostringstream table;
  options.print(table, false);
  out += "\n" + table.str();
  if (!command.examples.empty()) out += "\nexamples:\n";
  for (const auto& example : command.examples) out += "  supportctl " + example + "\n";
  return out;
}

std::string help_of_all(const std::vector<Command>& commands, const std::string& group) {
  Table table({"command", ""});
  for (const Command& command : commands) {
    if (!group.empty() && command.name != group && !command.name.starts_with(group + " ")) continue;
    // "outbox" and "outbox list" are the same.
    const auto same = [&](const Command& other) {
      return command.name.starts_with(other.name + " ") && other.help == command.help;
    };
    if (std::ranges::any_of(commands, same)) continue;
    table.add({command.name + (command.arguments.empty() ? "" : " " + command.arguments), command.help});
  }
  std::ostringstream out;
  out << "usage: supportctl " << (group.empty() ? "COMMAND" : group + " COMMAND")
      << " [--json] [--socket PATH]; COMMAND --help says more\n\n";
  table.print(out, false);
  out << "\nexit codes: 0 ok, 1 failed, 2 usage, 3 found problems\n";
  return out.str();
}

int Context::refuse(int code, const std::string& what) {
  std::istringstream lines(what);
  for (std::string text; std::getline(lines, text);) err << "supportctl: " << toned(text, Tone::plain, false) << '\n';
  if (json) {
    json::Writer writer;
    writer.object([&] { writer.member("error", what); });
    out << writer.take() << '\n';
  }
  return code;
}

int run(Context& context, const std::vector<std::string>& arguments,
        const std::function<Ask(const std::string& socket)>& connect) {
  const auto commands = all_commands();
  const auto line = parse_line(commands, arguments);
  if (!line) {
    context.json = std::ranges::find(arguments, "--json") != arguments.end();
    return context.refuse(usage, line.error().what + "\nsupportctl --help says more");
  }
  if (line->help || line->command == nullptr) {
    if (line->command != nullptr) context.out << help_of(*line->command);
    if (line->command != nullptr && !line->group.empty()) context.out << '\n';
    if (line->command == nullptr || !line->group.empty()) context.out << help_of_all(commands, line->group);
    return ok;
  }
  context.json = line->json;
  context.ask = connect(line->socket);
  try {
    return line->command->run(context, line->given);
  } catch (const Error& error) {
    return context.refuse(failed, error.what());
  }
}

int show_answer(Context& context, const http::Response& answer, const std::function<void(const json::View&)>& show,
                const std::function<int(const json::View&)>& verdict) {
  if (context.json) context.out << answer.body << '\n';
  if (answer.status >= 300) {
    std::istringstream lines(detail_of(answer));
    for (std::string text; std::getline(lines, text);) {
      context.err << "supportctl: " << toned(text, Tone::plain, false) << '\n';
    }
    return answer.status == 400 ? usage : failed;
  }
  const auto document = json::Document::parse(answer.body, "the daemon's answer");
  if (!context.json) show(document.root());
  return verdict ? verdict(document.root()) : ok;
}

Parsed<std::string> read_input(Context& context, const std::string& name) {
  constexpr std::size_t most = std::size_t{256} * 1024 * 1024;
  std::error_code none;
  if (name != "-" && std::filesystem::is_directory(name, none)) return Mistake{"it is a directory"};
  std::ifstream file;
  errno = 0;
  if (name != "-") file.open(name, std::ios::binary);
  std::istream& in = name == "-" ? context.in : file;
  if (!in) return Mistake{std::strerror(errno)};
  std::string text;
  std::vector<char> part(std::size_t{1} << 20);
  do {
    in.read(part.data(), static_cast<std::streamsize>(part.size()));
    text.append(part.data(), static_cast<std::size_t>(in.gcount()));
    if (text.size() > most) return Mistake{"it is larger than 256 MiB"};
  } while (in);
  if (in.bad()) return Mistake{std::strerror(errno)};
  return {boost::system::in_place_value, std::move(text)};
}

std::string query_of(const std::vector<std::pair<std::string, std::string>>& parameters) {
  std::string out;
  for (const auto& [name, value] : parameters) {
    if (value.empty()) continue;
    out += (out.empty() ? "?" : "&") + http::percent_encode(name) + "=" + http::percent_encode(value);
  }
  return out;
}

std::string cell(const json::View& object, std::string_view name) {
  const auto found = object.find(name);
  const std::string text = found ? found->scalar_text() : "";
  return text.empty() ? "-" : text;
}

std::string clock_name(const json::View& clock) {
  return cell(clock, "metric") + (clock.at("instance").integer() > 1 ? " " + cell(clock, "instance") : "");
}

}  // namespace supportd::ctl
