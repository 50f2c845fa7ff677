// The sections of a program by name, and what a set of files makes of them.
//
//   config::Schema schema;
//   schema.add<aws_cases::Section>("aws_cases");   // [aws_cases]
//   schema.add_named<Desk>("freshdesk");           // [freshdesk.<name>]
//   schema.add_list<RunOnce>("run_once");          // [[run_once]]
//   config::Loaded loaded = schema.load(config::read_files("/etc/supportd/supportd.toml"));
//   if (!loaded.config) for (const Flaw& flaw : loaded.flaws) ...
//   const auto& cases = loaded.config->get<aws_cases::Section>("aws_cases");
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <typeindex>
#include <vector>

#include "daemon/config/section.hpp"
#include "daemon/config/source.hpp"

namespace supportd::config {

// One validated configuration. Immutable; a run holds it to its end by shared_ptr (rule 26).
class Config {
 public:
  // Sections as they were declared; another name or type throws Error{config}.
  template <class T>
  const T& get(std::string_view name) const {
    return *static_cast<const T*>(find(name, typeid(T)));
  }
  template <class T>
  const std::map<std::string, T>& named(std::string_view name) const {
    return get<std::map<std::string, T>>(name);
  }
  template <class T>
  const std::vector<T>& list(std::string_view name) const {
    return get<std::vector<T>>(name);
  }
  // Whether the section stands in a file, as opposed to being all defaults.
  bool given(std::string_view name) const;
  const Effective& effective() const { return effective_; }

 private:
  friend class Schema;
  struct Bound {
    std::type_index type;
    std::shared_ptr<const void> value;
    bool given;
  };
  const void* find(std::string_view name, std::type_index type) const;

  std::map<std::string, Bound, std::less<>> sections_;
  Effective effective_;
};

struct Loaded {
  std::shared_ptr<const Config> config;  // null when there is any flaw that is not a warning
  std::vector<Flaw> flaws;               // all, warnings too, by file and line
};

// For what only the whole configuration can tell, such as a name that dangles.
class Review {
 public:
  Review(const Node& root, Report& report, bool complete) : root_(root), report_(report), complete_(complete) {}
  // At the place of the deepest part of the path that stands in a file: {"aws_cases", "account", "0", "desk"}.
  // Silent where the path already has a flaw.
  void flaw(const std::vector<std::string>& keys, const std::string& what);
  // What a file that the configuration names has to say of itself, at its own place.
  void add(const Flaw& flaw) { report_.add(flaw); }
  bool flawed(std::string_view path) const { return report_.flawed(path); }
  // `"zendsk" is no desk; did you mean 'zendesk'? known: ...`, unless `name` is known or some file could not be read.
  void name(const std::vector<std::string>& keys, std::string_view kind, const std::string& name,
            const std::vector<std::string>& known);

 private:
  const Node& root_;
  Report& report_;
  bool complete_;
};

class Schema {
 public:
  template <class T>
  Schema& add(std::string name) {
    return add_section<T>(std::move(name),
                          [](Binder& root, const std::string& key, T& value) { root.table(key, value); });
  }
  template <class T>
  Schema& add_named(std::string name) {
    using Map = std::map<std::string, T>;
    return add_section<Map>(std::move(name),
                            [](Binder& root, const std::string& key, Map& value) { root.map(key, value); });
  }
  template <class T>
  Schema& add_list(std::string name) {
    using List = std::vector<T>;
    return add_section<List>(std::move(name),
                             [](Binder& root, const std::string& key, List& value) { root.tables(key, value); });
  }
  // Runs after all sections are bound, even when some have flaws.
  Schema& check(std::function<void(const Config&, Review&)> check);

  Loaded load(const Source& source) const;
  // Every known key with its default, lists and maps with one specimen: "freshdesk.NAME.domain" = "".
  std::map<std::string, std::string> known() const;

 private:
  using Bind = std::function<std::shared_ptr<const void>(Binder& root, const std::string& key)>;
  struct Section {
    std::string name;
    std::type_index type;
    Bind bind;
  };

  template <class T, class BindKey>
  Schema& add_section(std::string name, BindKey bind_key) {
    return declare({std::move(name), typeid(T), [bind_key](Binder& root, const std::string& key) {
                      auto value = std::make_shared<T>();
                      bind_key(root, key, *value);
                      return std::shared_ptr<const void>(std::move(value));
                    }});
  }
  Schema& declare(Section section);
  Config bind_all(Binder::Load& load, const Node* root) const;

  std::vector<Section> sections_;
  std::vector<std::function<void(const Config&, Review&)>> checks_;
};

}  // namespace supportd::config
