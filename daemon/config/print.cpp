#include "daemon/config/print.hpp"

#include <algorithm>
#include <charconv>

#include "daemon/json.hpp"

namespace supportd::config {

namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;  // clang 14 cannot deduce an aggregate by itself

std::string number_text(double value) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  std::string text(buffer, end);
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

std::string inline_text(const Node::Array& list) {
  std::string text = "[";
  for (const Node& node : list) text += (text.size() == 1 ? "" : ", ") + value_text(node);
  return text + "]";
}

std::string inline_text(const Node::Table& table) {
  std::string text = "{";
  for (const Entry& entry : table) {
    text += (text.size() == 1 ? " " : ", ") + key_text(entry.key) + " = " + value_text(entry.node);
  }
  return text + (text.size() == 1 ? "}" : " }");
}

bool stands_apart(const Node& node) { return node.get<Node::Table>() != nullptr || node.is_list_of_tables(); }

// A table that only holds others is implied by their headers.
bool needs_header(const Node::Table& table) {
  return table.empty() ||
         std::any_of(table.begin(), table.end(), [](const Entry& entry) { return !stands_apart(entry.node); });
}

// TOML wants a table's own values before its sub-tables.
void print_table(const Node::Table& table, const std::string& path, std::string& out) {
  for (const Entry& entry : table) {
    if (stands_apart(entry.node) || entry.node.get<std::monostate>() != nullptr) continue;
    out += key_text(entry.key) + " = " + value_text(entry.node) + "\n";
  }
  for (const Entry& entry : table) {
    if (!stands_apart(entry.node)) continue;
    const std::string below = join(path, entry.key);
    if (const auto* sub = entry.node.get<Node::Table>()) {
      if (needs_header(*sub)) out += (out.empty() ? "[" : "\n[") + below + "]\n";
      print_table(*sub, below, out);
      continue;
    }
    for (const Node& element : *entry.node.get<Node::Array>()) {
      out += (out.empty() ? "[[" : "\n[[") + below + "]]\n";
      print_table(*element.get<Node::Table>(), below, out);
    }
  }
}

void flatten_into(const Node& node, const std::string& path, std::map<std::string, std::string>& out) {
  if (const auto* table = node.get<Node::Table>()) {
    for (const Entry& entry : *table) flatten_into(entry.node, join(path, entry.key), out);
  } else if (node.is_list_of_tables()) {
    std::size_t index = 0;
    for (const Node& element : *node.get<Node::Array>()) flatten_into(element, join(path, index++), out);
  } else if (const auto* secret = node.get<Redacted>()) {
    out[path] = value_text(node) + " (" + secret->source + ")";
  } else {
    out[path] = value_text(node);
  }
}

}  // namespace

std::string value_text(const Node& node) {
  return std::visit(Overloaded{
                        [](std::monostate) { return std::string(); },
                        [](bool value) { return std::string(value ? "true" : "false"); },
                        [](std::int64_t value) { return std::to_string(value); },
                        [](double value) { return number_text(value); },
                        [](const std::string& text) { return quote(text); },
                        [](Instant at) { return time::to_text(at); },
                        [](const LocalTime& local) { return local.text; },
                        [](const Redacted&) { return quote("***"); },
                        [](const Node::Array& list) { return inline_text(list); },
                        [](const Node::Table& table) { return inline_text(table); },
                    },
                    node.value);
}

std::string print(const Effective& effective) {
  std::string out;
  if (const auto* table = effective.root.get<Node::Table>()) print_table(*table, "", out);
  return out;
}

std::string print_json(const Effective& effective) {
  json::Writer out;
  out.object([&] {
    for (const auto& [path, value] : flatten(effective)) out.member(path, value);
  });
  return out.take();
}

std::map<std::string, std::string> flatten(const Effective& effective) {
  std::map<std::string, std::string> out;
  flatten_into(effective.root, "", out);
  return out;
}

std::vector<Change> diff(const Effective& before, const Effective& after) {
  std::map<std::string, Change> changes;
  for (const auto& [path, text] : flatten(before)) changes[path] = {path, text, ""};
  for (const auto& [path, text] : flatten(after)) {
    Change& change = changes[path];
    change.path = path;
    change.after = text;
  }
  std::vector<Change> result;
  for (const auto& [path, change] : changes) {
    if (change.before != change.after) result.push_back(change);
  }
  return result;
}

}  // namespace supportd::config
