// The binder: one function per section says its keys, and serves for reading, for printing what is in effect and
// for listing what is known.
//
//   struct Retry { int times = 3; };
//   void bind(config::Binder& b, Retry& r) { b.field("times", r.times, config::between(0, 10)); }
//
//   struct Section { std::string endpoint; Millis interval{60'000}; Overlap overlap = Overlap::skip; Retry retry; };
//   void bind(config::Binder& b, Section& s) {
//     b.field("endpoint", s.endpoint, config::url());
//     b.field("interval", s.interval, config::between(1s, 24h));
//     b.choice("overlap", s.overlap, {{"skip", Overlap::skip}, {"queue", Overlap::queue}});
//     b.table("retry", s.retry);
//     b.require("endpoint");
//   }
//
// A value with a flaw keeps its default. `bind` is found by argument-dependent lookup.
#pragma once

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/config/check.hpp"
#include "daemon/config/codec.hpp"
#include "daemon/config/print.hpp"
#include "daemon/config/secret.hpp"

namespace supportd::config {

class Binder {
 public:
  // What all binders of one load share.
  struct Load {
    Report& report;
    bool complete = true;  // false: a file is missing or broken, so `require` cannot judge
    bool sample = false;   // lists and maps of tables show one specimen: for the list of known keys
  };

  // `table` may be null: nothing is given, the defaults stand.
  Binder(Load& load, const Node* table, std::string path) : load_(load), table_(table), path_(std::move(path)) {}

  // bool, whole numbers, double, std::string, Millis, Instant; optional, vector and map<string, ...> of them.
  template <class T, class... Checks>
  void field(std::string_view key, T& value, const Checks&... checks) {
    bind_with(Plain{}, key, value, checks...);
  }

  // An enumeration, or optional, vector or map of one.
  template <class T>
  void choice(std::string_view key, T& value, std::initializer_list<std::pair<std::string, Element<T>>> names) {
    bind_with(Choice<Element<T>>{names}, key, value);
  }

  // A type with a text form: b.text("zone", s.zone, time::Zone::find, [](const Zone& z) { return z.name(); }).
  template <class T, class Parse, class Print, class... Checks>
  void text(std::string_view key, T& value, Parse parse, Print print, const Checks&... checks) {
    bind_with(TextForm<Parse, Print>{parse, print}, key, value, checks...);
  }

  void secret(std::string_view key, Secret& value);
  void secret(std::string_view key, std::map<std::string, Secret>& value);

  // A table within the table: [x.retry].
  template <class T>
  void table(std::string_view key, T& value) {
    const Entry* entry = take(key);
    put(key, bind_table(entry, join(path_, key), value));
  }
  // Set only when the table is there.
  template <class T>
  void table(std::string_view key, std::optional<T>& value) {
    const Entry* entry = take(key);
    if (entry != nullptr || load_.sample) value.emplace();
    put(key, value ? bind_table(entry, join(path_, key), *value) : Node{});
  }

  // A list of tables: [[x.account]]. One in a file replaces the default list.
  template <class T>
  void tables(std::string_view key, std::vector<T>& value) {
    const Entry* entry = take(key);
    const auto* list = entry == nullptr ? nullptr : list_of(*entry, join(path_, key));
    if (list != nullptr) value.assign(list->size(), T{});
    if (load_.sample && value.empty()) value.emplace_back();
    Node::Array out;
    for (std::size_t i = 0; i < value.size(); ++i) {
      const Node* node = list == nullptr ? nullptr : &(*list)[i];
      out.push_back(bind_node(node, join(join(path_, key), i), value[i]));
    }
    put(key, entry == nullptr && out.empty() ? Node{} : Node{std::move(out), {}});
  }

  // Named tables: [x.desk.<name>]. Those in a file are laid over the default ones of the same name.
  template <class T>
  void map(std::string_view key, std::map<std::string, T>& value) {
    const Entry* entry = take(key);
    const auto* named = entry == nullptr ? nullptr : table_of(*entry, join(path_, key));
    if (named != nullptr) {
      for (const Entry& one : *named) value.try_emplace(one.key);
    }
    if (load_.sample && value.empty()) value.try_emplace("NAME");
    Node::Table out;
    for (auto& [name, one] : value) {
      const Entry* given = named == nullptr ? nullptr : entry->node.find(name);
      out.push_back({name, {}, bind_table(given, join(join(path_, key), name), one)});
    }
    put(key, {std::move(out), {}});
  }

  // These keys must be given wherever the table is. Missing ones are flaws at the table's place.
  void require(std::initializer_list<std::string_view> keys);
  void require(std::string_view key) { require({key}); }

  // Whether the table, or a key of it, stands in a file.
  bool given() const { return table_ != nullptr; }
  bool given(std::string_view key) const { return table_ != nullptr && table_->find(key) != nullptr; }

  // Of the table `key` as the files have it, also where its values have flaws.
  std::vector<std::string> keys_of(std::string_view key) const;
  // Where this table (""), its keys ("week") and theirs ("week.mon") stand in the files: for what shows only when more
  // than this table is known.
  std::map<std::string, Spot> spots() const;

  // For checks across fields, at the place of `key` (or of the table without it). Silent where the key already has
  // a flaw, and where there is no table.
  void flaw(std::string_view key, const std::string& what);
  // At the innermost of the keys that stands there: {"status_out", "onhold"}.
  void flaw_within(const std::vector<std::string>& keys, const std::string& what);
  void warn(std::string_view key, const std::string& what);

  // Ends the binding: keys of the table that nobody asked for are flaws. Returns what is in effect.
  Node close();

 private:
  template <class Codec, class T, class... Checks>
  void bind_with(const Codec& codec, std::string_view key, T& value, const Checks&... checks) {
    if (const Entry* entry = take(key)) read(codec, entry->node, join(path_, key), load_.report, value, checks...);
    put(key, write(codec, std::as_const(value)));
  }

  template <class T>
  Node bind_table(const Entry* entry, const std::string& path, T& value) {
    return bind_node(entry == nullptr ? nullptr : &entry->node, path, value);
  }
  template <class T>
  Node bind_node(const Node* node, const std::string& path, T& value) {
    Binder below(load_, as_table(node, path), path);
    bind(below, value);
    return below.close();
  }

  // Notes the key as known; its entry, if it is given.
  const Entry* take(std::string_view key);
  void put(std::string_view key, Node effective);
  const Node* as_table(const Node* node, const std::string& path);
  const Node::Table* table_of(const Entry& entry, const std::string& path);
  const Node::Array* list_of(const Entry& entry, const std::string& path);
  // Where a remark about `key` belongs.
  Place place_of(std::string_view key) const;
  void warn_about(std::string_view key, const Secret& secret);

  Load& load_;
  const Node* table_;
  std::string path_;
  std::vector<std::string> known_;
  Node::Table effective_;
};

}  // namespace supportd::config
