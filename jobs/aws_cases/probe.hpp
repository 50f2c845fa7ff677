// Asks a real test account what AWS's documents leave open, and keeps the answers (rule 30). It writes there: one case
// with a few messages and files, all marked as a probe, resolved in the end.
#pragma once

#include "jobs/aws_cases/context.hpp"

namespace supportd::aws_cases {

// The job `probe_aws_support`, which runs only when asked for, as configurations see it. `ids`: the accounts.
run::JobKind probe_kind(std::function<std::vector<std::string>()> ids);
void install_probe(const Context& context);

// How long a write may stay invisible in AWS's lists, by what a probe measured: twice the longest lag it saw. Zero
// where none was made.
Millis probed_settle(store::Tx& tx);

}  // namespace supportd::aws_cases
