// [tickets]: what the kernel itself does to tickets, and the customers' organisations. Which AWS account is whose
// stands in [[aws.account]].
#pragma once

#include <string>
#include <vector>

#include "daemon/config/section.hpp"
#include "jobs/tickets/people.hpp"
#include "jobs/tickets/priority_words.hpp"

namespace supportd::tickets {

struct OrganisationSection {
  std::string name;  // as the help desks call it
  std::string tier;
  std::string zone = "UTC";
  std::string calendar;
};

struct Section {
  std::vector<OrganisationSection> organisations;
  PriorityWords priority;                    // for tickets that came without one
  Millis close_after{std::chrono::days{7}};  // a solved ticket is closed; 0: never
};

void bind(config::Binder& b, OrganisationSection& s);
void bind(config::Binder& b, Section& s);

// Brings the ledger's organisations to what the configuration says.
void declare_all(store::Tx& tx, const Section& section);

}  // namespace supportd::tickets
