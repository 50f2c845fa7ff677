// A mapping held against the desk as it is: names that the desk does not know, values that nobody mapped.
#pragma once

#include "jobs/desk_sync/mapping.hpp"

namespace supportd::desk_sync {

struct Remark {
  std::string key;  // within the mapping's table: "field[2].desk"
  std::string what;
  bool warning = false;  // nothing will be refused; something may be meant otherwise
};

// Asks the desk for its form. Throws what its calls throw.
std::vector<Remark> compare_with_desk(const Mapping& mapping, connectors::Desk& desk, const connectors::Call& call);

}  // namespace supportd::desk_sync
