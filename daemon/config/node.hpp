// A configuration as a tree of values: what the files say (with places), or what is in effect (in binding order).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/config/flaw.hpp"
#include "daemon/time/instant.hpp"

namespace supportd::config {

struct Entry;

// A TOML date or time without an offset, as written.
struct LocalTime {
  std::string text;
};

// Stands for a secret: says where the value lies ("file /run/key"), never what it is.
struct Redacted {
  std::string source;
};

struct Node {
  using Array = std::vector<Node>;
  using Table = std::vector<Entry>;

  // monostate: not set.
  std::variant<std::monostate, bool, std::int64_t, double, std::string, Instant, LocalTime, Redacted, Array, Table>
      value;
  Place place;

  template <class T>
  const T* get() const {
    return std::get_if<T>(&value);
  }
  // The entry of a table; null when there is none, or this is no table.
  const Entry* find(std::string_view key) const;
  Entry* find(std::string_view key);
  // A list that holds tables and nothing else: [[name]].
  bool is_list_of_tables() const;
};

struct Entry {
  std::string key;
  Place place;  // of the key
  Node node;
};

// "a text", "a whole number", "a table": for messages.
std::string_view kind(const Node& node);

// A TOML basic string, with quotes and escapes.
std::string quote(std::string_view text);
// Bare where TOML allows it, else quoted.
std::string key_text(std::string_view key);
// "a.b" + "c d" gives `a.b."c d"`.
std::string join(std::string_view path, std::string_view key);
std::string join(std::string_view path, std::size_t index);

}  // namespace supportd::config
