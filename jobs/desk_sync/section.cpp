#include "jobs/desk_sync/section.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "daemon/time/zone.hpp"

namespace supportd::desk_sync {

namespace {

// A desk that names itself owns the field.
void name_themselves(const std::string& vendor, auto& mappings) {
  for (auto& [name, mapping] : mappings) {
    const auto settle = [&](Owner& owner) {
      if (owner.other == vendor + ":" + name) owner = Owner::desk;
    };
    settle(mapping.field_owner);
    for (auto& [field, owner] : mapping.owner) settle(owner);
    for (FieldRule& rule : mapping.fields) settle(rule.owner);
  }
}

// What the ledger's field is called at the desk.
std::string desk_name(const Mapping& mapping, const std::string& field) {
  const auto rule = std::ranges::find_if(
      mapping.fields, [&](const FieldRule& one) { return !one.is_fact() && one.ledger_name() == field; });
  return rule == mapping.fields.end() ? field : rule->desk;
}

// Which keys of the mapping say who owns it.
std::vector<std::string> owner_keys(const Mapping& mapping, const std::string& desk_field) {
  if (mapping.owner.contains(desk_field)) return {"owner", desk_field};
  return {mapping.rule_of(desk_field) != nullptr ? "field" : "field_owner"};
}

// Desks that each own a field by the other's word: whatever anybody types would be set back.
void refuse_circles(config::Binder& b, const Section& s) {
  std::map<std::string, const Mapping*> desks;
  std::set<std::string> fields(scalar_names().begin(), scalar_names().end());
  const auto see = [&](const std::string& vendor, const auto& mappings) {
    for (const auto& [name, mapping] : mappings) {
      desks[vendor + ":" + name] = &mapping;
      for (const auto& [field, owner] : mapping.owner) fields.insert(mapping.ledger_name(field));
      for (const FieldRule& rule : mapping.fields) fields.insert(rule.ledger_name());
    }
  };
  see("freshdesk", s.freshdesk);
  see("zendesk", s.zendesk);
  for (const auto& [system, mapping] : desks) {
    for (const std::string& field : fields) {
      std::set<std::string> seen;
      std::string at = system;
      while (desks.contains(at) && seen.insert(at).second) {
        const Mapping& there = *desks.at(at);
        at = there.owner_of(desk_name(there, field)).other;
      }
      if (at != system) continue;
      const std::string name = desk_name(*mapping, field);
      std::vector<std::string> keys{system.substr(0, system.find(':')), system.substr(system.find(':') + 1)};
      std::ranges::copy(owner_keys(*mapping, name), std::back_inserter(keys));
      b.flaw_within(keys, "the word of " + mapping->owner_of(name).other +
                              ", which goes by this desk's: nobody could change '" + field + "'");
    }
  }
}

}  // namespace

void bind(config::Binder& b, Section& s) {
  using namespace std::chrono_literals;
  b.field("baseline", s.baseline);
  b.field("zone", s.zone, config::parsed_by(time::Zone::find));
  b.field("most_file_bytes", s.most_file_bytes, config::between(1, 20 * 1024 * 1024));
  b.field("notes_move_updated", s.notes_move_updated);
  b.field("recheck", s.recheck, config::between(1min, 24h));
  b.field("people", s.people, config::between(1min, 365 * 24h));
  b.field("most_effects_an_hour", s.most_effects_an_hour, config::between(0, 1'000'000));
  b.field("most_effects_a_ticket", s.most_effects_a_ticket, config::between(0, 100'000));
  b.field("settle", s.settle, config::between(1s, 1h));
  b.map("freshdesk", s.freshdesk);
  b.map("zendesk", s.zendesk);
  name_themselves("freshdesk", s.freshdesk);
  name_themselves("zendesk", s.zendesk);
  refuse_circles(b, s);
}

}  // namespace supportd::desk_sync
