// The files of a configuration, merged into one tree: a main file and, beside it, conf.d/*.toml in order of name.
// Tables merge deeply, lists of tables append, anything else may be set in one file only.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/node.hpp"

namespace supportd::config {

struct Source {
  Node root;      // a table
  Report report;  // flaws of reading, of syntax and of merging
  // False when some file could not be read: then what seems to be missing may only be hidden.
  bool complete = true;
  std::vector<std::string> files;  // in the order of merging
};

// Without `drop_ins`, `conf.d` beside the main file is read if it exists; a directory that is named must exist.
// Names that begin with a dot are left out, as a shell's *.toml does.
Source read_files(const std::filesystem::path& main, const std::optional<std::filesystem::path>& drop_ins = {});

// The same from texts that are already there: (file name, TOML).
Source read_texts(const std::vector<std::pair<std::string, std::string>>& files);

}  // namespace supportd::config
