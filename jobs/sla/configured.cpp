#include "jobs/sla/configured.hpp"

#include "jobs/calendar/book.hpp"
#include "jobs/sla/section.hpp"
#include "jobs/tickets/section.hpp"

namespace supportd::sla {

Rules rules_of(const config::Config& config) {
  Rules out;
  out.policies = policies_of(config.get<Section>("sla"));
  out.corrects_since = config.get<Section>("sla").corrects_since;
  const calendar::Book book(config.get<calendar::Section>("calendar"));
  for (const Policy& it : out.policies) {
    if (!out.calendars.contains(it.calendar)) out.calendars[it.calendar] = book.get(it.calendar);
  }
  for (const auto& it : config.get<tickets::Section>("tickets").organisations) {
    if (!it.tier.empty()) out.tiers[it.name] = it.tier;
  }
  return out;
}

}  // namespace supportd::sla
