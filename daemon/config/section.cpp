#include "daemon/config/section.hpp"

#include <algorithm>

namespace supportd::config {

void Binder::secret(std::string_view key, Secret& value) {
  bind_with(SecretForm{}, key, value);
  if (given(key)) warn_about(key, value);
}

void Binder::secret(std::string_view key, std::map<std::string, Secret>& value) {
  bind_with(SecretForm{}, key, value);
  if (!given(key)) return;
  for (const auto& [name, one] : value) warn_about(key, one);
}

void Binder::warn_about(std::string_view key, const Secret& secret) {
  if (const Complaint concern = secret.concern()) warn(key, *concern);
}

void Binder::require(std::initializer_list<std::string_view> keys) {
  if (table_ == nullptr || !load_.complete) return;
  for (std::string_view key : keys) {
    if (given(key)) continue;
    load_.report.flaw(table_->place, join(path_, key), "required and missing; add it to this table");
  }
}

void Binder::flaw(std::string_view key, const std::string& what) {
  const std::string path = join(path_, key);
  if (table_ != nullptr && !load_.report.flawed(path)) load_.report.flaw(place_of(key), path, what);
}

void Binder::flaw_within(const std::vector<std::string>& keys, const std::string& what) {
  if (table_ == nullptr) return;
  std::string path = path_;
  Place place = table_->place;
  const Node* node = table_;
  for (const std::string& key : keys) {
    path = join(path, key);
    const Entry* entry = node == nullptr ? nullptr : node->find(key);
    node = entry == nullptr ? nullptr : &entry->node;
    if (entry != nullptr) place = entry->place;
  }
  if (!load_.report.flawed(path)) load_.report.flaw(place, path, what);
}

std::vector<std::string> Binder::keys_of(std::string_view key) const {
  const Entry* entry = table_ == nullptr ? nullptr : table_->find(key);
  const auto* table = entry == nullptr ? nullptr : entry->node.get<Node::Table>();
  std::vector<std::string> out;
  if (table == nullptr) return out;
  for (const Entry& each : *table) out.push_back(each.key);
  return out;
}

std::map<std::string, Spot> Binder::spots() const {
  std::map<std::string, Spot> out;
  const auto note = [&](const Place& place, const std::string& below) {
    out[below] = {place, path_.empty() || below.empty() ? path_ + below : path_ + "." + below};
  };
  if (table_ == nullptr) return out;
  note(table_->place, "");
  for (const Entry& entry : std::get<Node::Table>(table_->value)) {
    note(entry.node.place, join("", entry.key));
    const auto* below = entry.node.get<Node::Table>();
    if (below == nullptr) continue;
    for (const Entry& each : *below) note(each.node.place, join(join("", entry.key), each.key));
  }
  return out;
}

void Binder::warn(std::string_view key, const std::string& what) {
  const std::string path = join(path_, key);
  if (table_ != nullptr && !load_.report.flawed(path)) load_.report.warn(place_of(key), path, what);
}

Node Binder::close() {
  const std::string unknown = path_.empty() ? "unknown section; " : "unknown key; ";
  if (table_ != nullptr) {
    for (const Entry& entry : std::get<Node::Table>(table_->value)) {
      if (std::find(known_.begin(), known_.end(), entry.key) != known_.end()) continue;
      load_.report.flaw(entry.place, join(path_, entry.key), unknown + known_names(entry.key, known_));
    }
  }
  return {std::move(effective_), {}};
}

const Entry* Binder::take(std::string_view key) {
  known_.emplace_back(key);
  return table_ == nullptr ? nullptr : table_->find(key);
}

void Binder::put(std::string_view key, Node effective) {
  effective_.push_back({std::string(key), {}, std::move(effective)});
}

const Node* Binder::as_table(const Node* node, const std::string& path) {
  if (node == nullptr || node->get<Node::Table>() != nullptr) return node;
  load_.report.flaw(node->place, path, wrong_kind("a table", *node));
  return nullptr;
}

const Node::Table* Binder::table_of(const Entry& entry, const std::string& path) {
  const Node* node = as_table(&entry.node, path);
  return node == nullptr ? nullptr : node->get<Node::Table>();
}

const Node::Array* Binder::list_of(const Entry& entry, const std::string& path) {
  const auto* list = entry.node.get<Node::Array>();
  if (list == nullptr) {
    load_.report.flaw(entry.node.place, path, wrong_kind("a list of tables", entry.node) + "; write [[" + path + "]]");
  }
  return list;
}

Place Binder::place_of(std::string_view key) const {
  const Entry* entry = table_->find(key);
  return entry == nullptr ? table_->place : entry->node.place;
}

}  // namespace supportd::config
