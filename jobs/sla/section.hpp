// [[sla.policy]]: who is promised what.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/section.hpp"
#include "jobs/sla/policy.hpp"
#include "jobs/sla/targets.hpp"

namespace supportd::sla {

struct PolicySection {
  Policy policy;  // without its targets
  std::map<Metric, std::map<std::string, Targets>> targets;
  std::map<std::string, config::Spot> spots;  // of its keys: "", "resolution", "resolution.any"
};
void bind(config::Binder& b, PolicySection& s);

struct Section {
  std::vector<PolicySection> policies;
  Millis confirm_max{std::chrono::seconds{90}};  // a threshold waits so long to be confirmed by the ticket's desks
  std::optional<Instant> corrects_since;         // what these policies and calendars say holds since then
};
void bind(config::Binder& b, Section& s);

// By rank.
std::vector<Policy> policies_of(const Section& section);

// What is wrong with the section as a whole: names and ranks that come twice, a policy that an earlier one leaves
// nothing to, a correction that is yet to come.
struct Remark {
  std::vector<std::string> keys;  // within the section: "policy", "0", "rank"
  std::string what;
};
std::vector<Remark> review(const Section& section, Instant now);

// Of the policy's targets those that somebody who started now would never see due on that calendar, which knows time up
// to the end of 2037. Keys within the policy.
std::vector<Remark> review_targets(const PolicySection& policy, const calendar::Calendar& calendar, Instant now);

}  // namespace supportd::sla
