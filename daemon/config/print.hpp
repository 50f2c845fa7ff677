// The configuration in effect, every default filled in: as TOML, as a flat list, and what a reload would change.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "daemon/config/node.hpp"

namespace supportd::config {

// In binding order, secrets only by where they lie.
struct Effective {
  Node root;
};

// Valid TOML; secrets as "***"; what is not set and has no default is left out.
std::string print(const Effective& effective);

// The same as one JSON object of flat paths: {"http.listen": "[\"127.0.0.1:9180\"]", ...}, values as TOML text.
std::string print_json(const Effective& effective);

// One line a value: path -> TOML text ("" when not set). Secrets read `"***" (file /run/key)`, so that a moved one
// shows.
std::map<std::string, std::string> flatten(const Effective& effective);

struct Change {
  std::string path;
  std::string before;  // TOML text; empty: was not there
  std::string after;   // TOML text; empty: is gone

  friend bool operator==(const Change&, const Change&) = default;
};
// By path.
std::vector<Change> diff(const Effective& before, const Effective& after);

// One value as TOML, tables and lists inline.
std::string value_text(const Node& node);

}  // namespace supportd::config
