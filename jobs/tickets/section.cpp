#include "jobs/tickets/section.hpp"

#include <set>

#include "daemon/time/zone.hpp"

namespace supportd::tickets {

void bind(config::Binder& b, OrganisationSection& s) {
  b.field("name", s.name, config::not_empty());
  b.field("tier", s.tier);
  b.field("zone", s.zone, config::parsed_by(time::Zone::find));
  b.field("calendar", s.calendar);
  b.require("name");
}

void bind(config::Binder& b, Section& s) {
  b.tables("organisation", s.organisations);
  b.table("priority", s.priority);
  b.field("close_after", s.close_after, config::between(Millis{0}, Millis{std::chrono::days{365}}));
  std::set<std::string> names;
  for (const auto& organisation : s.organisations) {
    if (!organisation.name.empty() && !names.insert(organisation.name).second) {
      b.flaw("organisation", "two organisations are called '" + organisation.name + "'");
    }
  }
}

void declare_all(store::Tx& tx, const Section& section) {
  for (const auto& o : section.organisations) declare(tx, {{}, o.name, o.tier, o.zone, o.calendar, {}});
}

}  // namespace supportd::tickets
