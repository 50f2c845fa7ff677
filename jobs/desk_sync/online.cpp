#include "jobs/desk_sync/online.hpp"

#include <algorithm>

#include "daemon/config/suggest.hpp"
#include "jobs/desk_sync/desk.hpp"

namespace supportd::desk_sync {
namespace {

using connectors::DeskChoice;
using connectors::DeskField;

std::vector<std::string> values_of(const std::vector<DeskChoice>& choices) {
  std::vector<std::string> out;
  for (const DeskChoice& choice : choices) out.push_back(choice.value);
  return out;
}

bool is_among(const std::vector<std::string>& all, const std::string& one) {
  return std::ranges::find(all, one) != all.end();
}

std::map<std::string, std::string> texts_of(const std::map<std::string, tickets::Priority>& table) {
  std::map<std::string, std::string> out;
  for (const auto& [value, priority] : table) out[value] = tickets::to_text(priority);
  return out;
}

class Comparison {
 public:
  Comparison(const Mapping& mapping, const connectors::DeskForm& form, const std::vector<DeskChoice>& groups,
             const std::vector<std::string>& in_ledger)
      : mapping_(mapping), form_(form), groups_(groups), in_ledger_(in_ledger) {
    for (const DeskField& field : form.fields) names_.push_back(field.name);
  }

  std::vector<Remark> run() {
    for (std::size_t i = 0; i < mapping_.fields.size(); ++i)
      rule("field[" + std::to_string(i) + "]", mapping_.fields[i]);
    for (const auto& name : mapping_.ledger_fields) field("ledger_fields", name);
    if (!mapping_.link_field.empty()) field("link_field", mapping_.link_field);
    for (const auto& [owned, owner] : mapping_.owner) owner_of(owned);
    statuses();
    for (const auto& [name, values] : mapping_.takes_part.fields) {
      if (in_ledger_.empty() || is_among(in_ledger_, name) || is_among(mapping_.ledger_fields, name)) continue;
      complain("takes_part.fields." + name,
               "no desk brings the ledger a field '" + name + "': " + config::known_names(name, in_ledger_));
    }
    for (const DeskField& it : form_.fields) {
      if (it.needed_to_close) warn("fields", "the desk closes no ticket while '" + it.name + "' is empty");
    }
    table("priority", texts_of(mapping_.priority_in), mapping_.priority_out, form_.priorities);
    for (const std::string& value : mapping_.priority_not_given) {
      const auto known = values_of(form_.priorities);
      if (known.empty() || is_among(known, value)) continue;
      complain("priority_not_given", "the desk has no priority '" + value + "': " + config::known_names(value, known));
    }
    table("type", mapping_.type_in, mapping_.type_out, form_.types);
    table("group", mapping_.group_in, mapping_.group_out, groups_);
    return std::move(out_);
  }

 private:
  void complain(const std::string& key, const std::string& what) { out_.push_back({key, what, false}); }
  void warn(const std::string& key, const std::string& what) { out_.push_back({key, what, true}); }

  const DeskField* field(const std::string& key, const std::string& name) {
    const auto found = std::ranges::find(form_.fields, name, &DeskField::name);
    if (found != form_.fields.end()) return &*found;
    complain(key, "the desk has no field '" + name + "': " + config::known_names(name, names_));
    return nullptr;
  }

  void owner_of(const std::string& name) {
    if (is_scalar(name) || is_among(names_, name)) return;
    auto known = scalar_names();
    known.insert(known.end(), names_.begin(), names_.end());
    complain("owner." + name, "the desk has no field '" + name + "': " + config::known_names(name, known));
  }

  // What is written must be one of a drop-down's choices; what may be read should have a counterpart.
  void rule(const std::string& key, const FieldRule& rule) {
    const DeskField* found = field(key + ".desk", rule.desk);
    if (found == nullptr || found->choices.empty()) return;
    const auto known = values_of(found->choices);
    for (const std::string& value : written_by(rule)) {
      if (!is_among(known, value)) {
        complain(key + ".out",
                 "'" + value + "' is none of the choices of " + rule.desk + ": " + config::known_names(value, known));
      }
    }
    for (const DeskChoice& choice : found->choices) {
      if (!transform(rule.in, choice.value)) {
        warn(key + ".in", "'" + choice.value + "' (" + choice.label + ") of " + rule.desk + " has no counterpart");
      }
    }
  }

  // As far as the steps tell: what becomes of a constant, or of each value that a map knows, by the steps after it.
  static std::vector<std::string> written_by(const FieldRule& rule) {
    std::vector<std::string> out;
    const auto tells = [](const Step& step) { return step.constant || step.map; };
    const auto first = std::ranges::find_if(rule.out, tells);
    if (first == rule.out.end()) return out;
    const std::vector<Step> rest(first, rule.out.end());
    std::vector<std::string> given;
    if (first->map) {
      for (const auto& [from, to] : *first->map) given.push_back(from);
    } else {
      given.emplace_back();
    }
    for (const std::string& value : given) {
      if (const auto written = transform(rest, value)) out.push_back(*written);
    }
    return out;
  }

  void statuses() {
    const auto known = values_of(form_.statuses);
    for (const auto& [status, written] : mapping_.status_out) {
      if (is_among(known, written)) continue;
      complain("status_out." + status,
               "the desk has no status '" + written + "': " + config::known_names(written, known));
    }
    for (const auto& [status, means] : mapping_.status_in) {
      if (is_among(known, status)) continue;
      warn("status_in." + status,
           "the desk has no status '" + status + "' (any more): " + config::known_names(status, known));
    }
    for (const DeskChoice& status : form_.statuses) {
      if (mapping_.status_in.contains(status.value)) continue;
      warn("status_in", "'" + status.value + "' (" + status.label + ") is in no table: it counts as " +
                            std::string(tickets::to_text(status_of(mapping_, status.value))));
    }
  }

  // What `out` writes the desk must have; what `in` reads it should. Where the desk does not tell, nothing is said.
  void table(const std::string& name, const std::map<std::string, std::string>& in,
             const std::map<std::string, std::string>& out, const std::vector<DeskChoice>& choices) {
    if (choices.empty()) return;
    const auto known = values_of(choices);
    for (const auto& [value, written] : out) {
      if (is_among(known, written)) continue;
      complain(name + "_out." + value,
               "the desk has no " + name + " '" + written + "': " + config::known_names(written, known));
    }
    for (const auto& [read, value] : in) {
      if (is_among(known, read)) continue;
      warn(name + "_in." + read,
           "the desk has no " + name + " '" + read + "' (any more): " + config::known_names(read, known));
    }
  }

  const Mapping& mapping_;
  const connectors::DeskForm& form_;
  const std::vector<DeskChoice>& groups_;
  const std::vector<std::string>& in_ledger_;
  std::vector<std::string> names_;
  std::vector<Remark> out_;
};

}  // namespace

std::vector<std::string> fields_brought_by(const Mapping& mapping, connectors::Desk& desk,
                                           const connectors::Call& call) {
  std::vector<std::string> out;
  for (const DeskField& field : desk.form(call).fields) out.push_back(mapping.ledger_name(field.name));
  return out;
}

std::vector<Remark> compare_names_with_desk(connectors::Desk& desk, const connectors::Call& call) {
  const auto form = desk.form(call);
  std::vector<std::string> known;
  for (const DeskField& field : form.fields) known.push_back(field.name);
  std::vector<Remark> out;
  for (const auto& [name, id] : form.absent) {
    out.push_back({"fields." + name, "the desk has no field '" + id + "': " + config::known_names(id, known), false});
  }
  return out;
}

std::vector<Remark> compare_with_desk(const Mapping& mapping, connectors::Desk& desk,
                                      const std::vector<std::string>& in_ledger, const connectors::Call& call) {
  const auto form = desk.form(call);
  const bool names_groups = !mapping.group_in.empty() || !mapping.group_out.empty();
  const auto groups = names_groups ? desk.groups(call) : std::vector<DeskChoice>{};
  auto out = Comparison(mapping, form, groups, in_ledger).run();
  for (const auto& [mail, agent] : mapping.assignee_out) {
    const auto person = unless_gone([&] { return desk.person(agent, true, call); });
    if (person && person->is_agent) continue;
    out.push_back({"assignee_out." + mail, "the desk has no agent '" + agent + "'", false});
  }
  return out;
}

}  // namespace supportd::desk_sync
