// [[tickets.organisation]]: the customers' organisations. Which AWS account is whose stands in [[aws.account]].
#pragma once

#include <string>
#include <vector>

#include "daemon/config/section.hpp"
#include "jobs/tickets/people.hpp"

namespace supportd::tickets {

struct OrganisationSection {
  std::string name;  // as the help desks call it
  std::string tier;
  std::string zone = "UTC";
  std::string calendar;
};

struct Section {
  std::vector<OrganisationSection> organisations;
};

void bind(config::Binder& b, OrganisationSection& s);
void bind(config::Binder& b, Section& s);

// Brings the ledger's organisations to what the configuration says.
void declare_all(store::Tx& tx, const Section& section);

}  // namespace supportd::tickets
