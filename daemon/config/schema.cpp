#include "daemon/config/schema.hpp"

#include <algorithm>
#include <charconv>

namespace supportd::config {

bool Config::given(std::string_view name) const {
  const auto found = sections_.find(name);
  return found != sections_.end() && found->second.given;
}

const void* Config::find(std::string_view name, std::type_index type) const {
  const auto found = sections_.find(name);
  if (found == sections_.end() || found->second.type != type) {
    throw Error(ErrorKind::config, "no section " + key_text(name) + " of that type is declared");
  }
  return found->second.value.get();
}

namespace {

const Node* element(const Node& node, const std::string& index) {
  const auto* list = node.get<Node::Array>();
  std::size_t at = 0;
  const auto parsed = std::from_chars(index.data(), index.data() + index.size(), at);
  if (list == nullptr || parsed.ec != std::errc{} || at >= list->size()) return nullptr;
  return &(*list)[at];
}

// One step down the tree, and the path's text with it.
const Node* step(const Node* node, const std::string& key, std::string& path) {
  const Node* below = node == nullptr ? nullptr : element(*node, key);
  if (below != nullptr) {
    path += "[" + key + "]";
    return below;
  }
  path = join(path, key);
  const Entry* entry = node == nullptr ? nullptr : node->find(key);
  return entry == nullptr ? nullptr : &entry->node;
}

}  // namespace

void Review::flaw(const std::vector<std::string>& keys, const std::string& what) {
  std::string path;
  const Node* node = &root_;
  Place place = root_.place;
  for (const std::string& key : keys) {
    node = step(node, key, path);
    if (node != nullptr) place = node->place;
  }
  if (!report_.flawed(path)) report_.flaw(place, path, what);
}

void Review::name(const std::vector<std::string>& keys, std::string_view kind, const std::string& name,
                  const std::vector<std::string>& known) {
  if (!complete_ || std::find(known.begin(), known.end(), name) != known.end()) return;
  flaw(keys, quote(name) + " is no " + std::string(kind) + "; " + known_names(name, known));
}

Schema& Schema::check(std::function<void(const Config&, Review&)> check) {
  checks_.push_back(std::move(check));
  return *this;
}

Schema& Schema::declare(Section section) {
  for (const Section& other : sections_) {
    if (other.name == section.name) throw Error(ErrorKind::config, "section " + section.name + " is declared twice");
  }
  sections_.push_back(std::move(section));
  return *this;
}

Config Schema::bind_all(Binder::Load& load, const Node* root) const {
  Config config;
  Binder binder(load, root, "");
  for (const Section& section : sections_) {
    auto value = section.bind(binder, section.name);
    config.sections_.insert({section.name, {section.type, std::move(value), binder.given(section.name)}});
  }
  config.effective_.root = binder.close();
  return config;
}

Loaded Schema::load(const Source& source) const {
  Report report = source.report;
  Binder::Load load{report, source.complete};
  auto config = std::make_shared<const Config>(bind_all(load, &source.root));
  Review review(source.root, report, source.complete);
  for (const auto& check : checks_) check(*config, review);

  Loaded loaded{nullptr, report.sorted()};
  const bool good = std::all_of(loaded.flaws.begin(), loaded.flaws.end(), [](const Flaw& f) { return f.warning; });
  if (good) loaded.config = std::move(config);
  return loaded;
}

std::map<std::string, std::string> Schema::known() const {
  Report ignored;
  Binder::Load load{ignored, true, true};
  return flatten(bind_all(load, nullptr).effective());
}

}  // namespace supportd::config
