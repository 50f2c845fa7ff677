#include "jobs/sla/policy.hpp"

#include <algorithm>

namespace supportd::sla {
namespace {

bool is_one_of(const std::vector<std::string>& wanted, const std::string& value) {
  return wanted.empty() || std::ranges::find(wanted, value) != wanted.end();
}

const std::vector<calendar::Target> nothing;

}  // namespace

bool Match::operator()(const Facts& facts) const {
  const auto has = [&](const std::string& tag) { return std::ranges::find(facts.tags, tag) != facts.tags.end(); };
  const std::string of_priority(facts.priority ? tickets::to_text(*facts.priority) : "");
  return is_one_of(tier, facts.tier) && is_one_of(priority, of_priority) && is_one_of(group, facts.group) &&
         is_one_of(organisation, facts.organisation) && is_one_of(channel, facts.channel) &&
         (tags.empty() || std::ranges::any_of(tags, has)) && std::ranges::none_of(tags_not, has);
}

const std::vector<calendar::Target>& Policy::targets_for(Metric metric, const Facts& facts) const {
  const auto of_metric = targets.find(metric);
  if (of_metric == targets.end()) return nothing;
  const auto& by_priority = of_metric->second;
  // A ticket without a priority is a normal one (product.md, decision 12).
  auto at = by_priority.find(std::string(tickets::to_text(facts.priority.value_or(tickets::Priority::normal))));
  if (at == by_priority.end()) at = by_priority.find("any");
  return at == by_priority.end() ? nothing : at->second;
}

const Policy* Rules::policy_for(const Facts& facts) const {
  Facts known = facts;
  if (const auto tier = tiers.find(facts.organisation); known.tier.empty() && tier != tiers.end()) {
    known.tier = tier->second;
  }
  const auto at = std::ranges::find_if(policies, [&](const Policy& it) { return it.match(known); });
  return at == policies.end() ? nullptr : &*at;
}

bool Rules::speak_of(const std::string& organisation) const {
  return tiers.contains(organisation) || std::ranges::any_of(policies, [&](const Policy& it) {
           return std::ranges::find(it.match.organisation, organisation) != it.match.organisation.end();
         });
}

}  // namespace supportd::sla
