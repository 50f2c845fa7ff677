// What the kernel itself does to a ticket: gives it the priority its words ask for, and closes it some days after it
// was solved (product.md, decisions 7 and 12). The close is a deadline of kind `ticket_close`.
#pragma once

#include "daemon/registry.hpp"
#include "jobs/tickets/kernel.hpp"

namespace supportd::tickets {

// Registers the reaction and the deadline. Borrows both.
void install_lifecycle(Registry& registry, Kernel& kernel);

}  // namespace supportd::tickets
