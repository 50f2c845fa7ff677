#include "daemon/config/source.hpp"

#include <algorithm>
#include <iterator>

#include "daemon/config/file.hpp"
#include "daemon/config/toml.hpp"

namespace supportd::config {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t longest_file = 4 * 1024 * 1024;

class Merger {
 public:
  explicit Merger(Source& source) : source_(source) { source_.root.value = Node::Table{}; }

  void add_file(const fs::path& path) {
    const Parsed<std::string> text = read_file(path, longest_file);
    if (!text) return unreadable(path, text.error().what);
    add_text(path.string(), *text);
  }

  void add_text(const std::string& file, const std::string& text) {
    source_.files.push_back(file);
    auto parsed = parse_toml(text, file);
    if (const Flaw* flaw = std::get_if<Flaw>(&parsed)) {
      source_.report.flaw({flaw->file, flaw->line, flaw->column}, flaw->path, flaw->what);
      source_.complete = false;
      return;
    }
    Node& tree = std::get<Node>(parsed);
    if (source_.root.place.line == 0) source_.root.place = tree.place;
    merge(source_.root, std::move(tree), "");
  }

  void unreadable(const fs::path& path, const std::string& why) {
    source_.report.flaw({path.string()}, "", "cannot be read: " + why);
    source_.complete = false;
  }

 private:
  void merge(Node& into, Node&& from, const std::string& path) {
    auto& table = std::get<Node::Table>(into.value);
    for (Entry& entry : std::get<Node::Table>(from.value)) {
      if (Entry* there = into.find(entry.key)) {
        merge_entry(*there, std::move(entry), join(path, entry.key));
      } else {
        table.push_back(std::move(entry));
      }
    }
  }

  void merge_entry(Entry& there, Entry&& entry, const std::string& path) {
    if (there.node.get<Node::Table>() != nullptr && entry.node.get<Node::Table>() != nullptr) {
      merge(there.node, std::move(entry.node), path);
    } else if (there.node.is_list_of_tables() && entry.node.is_list_of_tables()) {
      auto& more = std::get<Node::Array>(entry.node.value);
      auto& list = std::get<Node::Array>(there.node.value);
      list.insert(list.end(), std::move_iterator(more.begin()), std::move_iterator(more.end()));
    } else {
      source_.report.flaw(entry.place, path, "already set at " + to_text(there.place) + "; keep one of the two");
    }
  }

  Source& source_;
};

std::vector<fs::path> toml_files(const fs::path& directory, Merger& merger) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.ends_with(".toml") && !name.starts_with(".")) files.push_back(it->path());
  }
  if (error) merger.unreadable(directory, error.message());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

Source read_files(const fs::path& main, const std::optional<fs::path>& drop_ins) {
  Source source;
  Merger merger(source);
  merger.add_file(main);
  const fs::path directory = drop_ins.value_or(main.parent_path() / "conf.d");
  std::error_code error;
  if (drop_ins || fs::exists(directory, error)) {
    for (const fs::path& file : toml_files(directory, merger)) merger.add_file(file);
  }
  return source;
}

Source read_texts(const std::vector<std::pair<std::string, std::string>>& files) {
  Source source;
  Merger merger(source);
  for (const auto& [file, text] : files) merger.add_text(file, text);
  return source;
}

}  // namespace supportd::config
