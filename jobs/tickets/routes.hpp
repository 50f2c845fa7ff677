// What operators see of tickets over HTTP. All of it is what customers wrote: control socket or token only.
#pragma once

#include "daemon/http/router.hpp"
#include "daemon/store/ledger.hpp"
#include "daemon/time/clock.hpp"
#include "jobs/tickets/kernel.hpp"

namespace supportd::tickets {

// GET /api/v1/tickets (status, tag, text, before, limit), /api/v1/tickets/{id} (events, messages, links),
// /api/v1/aside; POST /control/aside/{id}/retry, /control/messages/{id}/redact, /control/tickets/{id}/set,
// /control/ledger/rebuild (verify=1 changes nothing), /control/ledger/replay (slice). Borrows all.
void add_routes(http::Router& router, store::Ledger& ledger, const Kernel& kernel, time::Clock& clock);

}  // namespace supportd::tickets
