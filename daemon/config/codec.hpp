// How one value is read from a file and written back. A codec has `Complaint read(const Node&, T&) const` and
// `Node write(const T&) const`; lists, optionals and maps of T follow from it.
#pragma once

#include <concepts>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/node.hpp"
#include "daemon/config/suggest.hpp"
#include "daemon/result.hpp"

namespace supportd::config {

// What is wrong with a value, and what would be right; nothing when all is well.
using Complaint = std::optional<std::string>;

// `expected a whole number, got a text`. Never repeats the value: it may be a secret in the wrong place.
std::string wrong_kind(std::string_view expected, const Node& node);
// The mistake, with the column counted in the text itself.
std::string to_text(const Mistake& mistake);
std::string out_of_range(const std::string& value, const std::string& low, const std::string& high);

Complaint read_value(const Node& node, bool& value);
Complaint read_value(const Node& node, std::int64_t& value);
Complaint read_value(const Node& node, double& value);  // finite; a whole number is taken too
Complaint read_value(const Node& node, std::string& value);
Complaint read_value(const Node& node, Millis& value);   // "90s", "1h30m"
Complaint read_value(const Node& node, Instant& value);  // with Z or an offset, bare or as text

template <std::integral T>
Complaint read_value(const Node& node, T& value) {
  std::int64_t wide = 0;
  if (Complaint complaint = read_value(node, wide)) return complaint;
  using Limits = std::numeric_limits<T>;
  if (!std::in_range<T>(wide)) {
    return out_of_range(std::to_string(wide), std::to_string(Limits::min()), std::to_string(Limits::max()));
  }
  value = static_cast<T>(wide);
  return {};
}

Node to_node(bool value);
Node to_node(std::int64_t value);
Node to_node(double value);
Node to_node(const std::string& value);
Node to_node(Millis value);
Node to_node(Instant value);
template <std::integral T>
Node to_node(T value) {
  return to_node(static_cast<std::int64_t>(value));
}

// Values that TOML or this project has a form for.
struct Plain {
  template <class T>
  Complaint read(const Node& node, T& value) const {
    return read_value(node, value);
  }
  template <class T>
  Node write(const T& value) const {
    return to_node(value);
  }
};

// An enumeration by the names of its values.
template <class E>
struct Choice {
  std::vector<std::pair<std::string, E>> names;

  Complaint read(const Node& node, E& value) const {
    std::string text;
    if (Complaint complaint = read_value(node, text)) return complaint;
    std::vector<std::string> known;
    for (const auto& [name, meaning] : names) {
      known.push_back(name);
      if (name != text) continue;
      value = meaning;
      return {};
    }
    return quote(text) + " is not one of the choices; " + known_names(text, known);
  }

  Node write(const E& value) const {
    for (const auto& [name, meaning] : names) {
      if (meaning == value) return to_node(name);
    }
    return {};
  }
};

// A value with a text form: parse(std::string_view) -> Parsed<T>, print(const T&) -> std::string.
template <class Parse, class Print>
struct TextForm {
  Parse parse;
  Print print;

  template <class T>
  Complaint read(const Node& node, T& value) const {
    std::string text;
    if (Complaint complaint = read_value(node, text)) return complaint;
    auto parsed = parse(std::string_view(text));
    if (!parsed) return to_text(parsed.error());
    value = std::move(*parsed);
    return {};
  }
  template <class T>
  Node write(const T& value) const {
    return to_node(std::string(print(value)));
  }
};

// What a field is made of: the T of T, optional<T>, vector<T> and map<string, T>.
template <class T>
struct ElementOf {
  using type = T;
};
template <class T>
struct ElementOf<std::optional<T>> : ElementOf<T> {};
template <class T>
struct ElementOf<std::vector<T>> : ElementOf<T> {};
template <class T>
struct ElementOf<std::map<std::string, T>> : ElementOf<T> {};
template <class T>
using Element = typename ElementOf<T>::type;

// One value: the codec, then each check; only a value without complaint is kept.
template <class Codec, class T, class... Checks>
bool read(const Codec& codec, const Node& node, const std::string& path, Report& report, T& value,
          const Checks&... checks) {
  T fresh = value;
  Complaint complaint = codec.read(node, fresh);
  ((complaint = complaint ? complaint : Complaint(checks(fresh))), ...);
  if (complaint) {
    report.flaw(node.place, path, *complaint);
    return false;
  }
  value = std::move(fresh);
  return true;
}

template <class Codec, class T, class... Checks>
bool read(const Codec& codec, const Node& node, const std::string& path, Report& report, std::optional<T>& value,
          const Checks&... checks) {
  T inner = value.value_or(T{});
  if (!read(codec, node, path, report, inner, checks...)) return false;
  value = std::move(inner);
  return true;
}

// A list in a file replaces the default list.
template <class Codec, class T, class... Checks>
bool read(const Codec& codec, const Node& node, const std::string& path, Report& report, std::vector<T>& value,
          const Checks&... checks) {
  const auto* list = node.get<Node::Array>();
  if (list == nullptr) {
    report.flaw(node.place, path, wrong_kind("a list", node));
    return false;
  }
  std::vector<T> fresh;
  bool good = true;
  for (const Node& element : *list) {
    T one{};
    good &= read(codec, element, join(path, fresh.size()), report, one, checks...);
    fresh.push_back(std::move(one));
  }
  if (good) value = std::move(fresh);
  return good;
}

// A table in a file is laid over the default map, key by key.
template <class Codec, class T, class... Checks>
bool read(const Codec& codec, const Node& node, const std::string& path, Report& report,
          std::map<std::string, T>& value, const Checks&... checks) {
  const auto* table = node.get<Node::Table>();
  if (table == nullptr) {
    report.flaw(node.place, path, wrong_kind("a table", node));
    return false;
  }
  auto fresh = value;
  bool good = true;
  for (const Entry& entry : *table) {
    good &= read(codec, entry.node, join(path, entry.key), report, fresh[entry.key], checks...);
  }
  if (good) value = std::move(fresh);
  return good;
}

template <class Codec, class T>
Node write(const Codec& codec, const T& value) {
  return codec.write(value);
}

template <class Codec, class T>
Node write(const Codec& codec, const std::optional<T>& value) {
  return value ? write(codec, *value) : Node{};
}

template <class Codec, class T>
Node write(const Codec& codec, const std::vector<T>& value) {
  Node::Array list;
  for (const T& element : value) list.push_back(write(codec, element));
  return {std::move(list), {}};
}

template <class Codec, class T>
Node write(const Codec& codec, const std::map<std::string, T>& value) {
  Node::Table table;
  for (const auto& [key, element] : value) table.push_back({key, {}, write(codec, element)});
  return {std::move(table), {}};
}

}  // namespace supportd::config
