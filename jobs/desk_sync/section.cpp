#include "jobs/desk_sync/section.hpp"

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
}

}  // namespace supportd::desk_sync
