// Keeps the ledger honest and small: seals the audit trail, lets go of files that were delivered, and leaves the
// database in order (rules 13 and 20).
#pragma once

#include "daemon/registry.hpp"

namespace supportd::housekeeping {

// The job as configurations see it, before anything is installed.
run::JobKind job_kind();

// Registers the job `housekeeping`.
void install(Registry& registry);

// Lets go of the bytes of up to `most` attachments' messages whose ticket owes no effect any more; how many messages.
int release_delivered(store::Tx& tx, int most);

}  // namespace supportd::housekeeping
