// A mapping held against the desk as it is: names that the desk does not know, values that nobody mapped.
#pragma once

#include "jobs/desk_sync/mapping.hpp"

namespace supportd::desk_sync {

struct Remark {
  std::string key;  // within the table: "field[2].desk"
  std::string what;
  bool warning = false;  // nothing will be refused; something may be meant otherwise
};

// All ask the desk for its form, and throw what its calls throw.
// The ledger's names of the custom fields that its tickets have.
std::vector<std::string> fields_brought_by(const Mapping& mapping, connectors::Desk& desk,
                                           const connectors::Call& call);
// The desk's own table: the names that it gives to fields which the desk does not have.
std::vector<Remark> compare_names_with_desk(connectors::Desk& desk, const connectors::Call& call);
// The mapping's table. `in_ledger`: the fields that all desks bring; empty: not known.
std::vector<Remark> compare_with_desk(const Mapping& mapping, connectors::Desk& desk,
                                      const std::vector<std::string>& in_ledger, const connectors::Call& call);

}  // namespace supportd::desk_sync
