// Fetches an attachment from wherever its link leads.
#pragma once

#include <string>

#include "connectors/freshdesk/calls.hpp"

namespace supportd::connectors::freshdesk {

// Our key goes only to the host of calls.base_url(); http only when that is http itself. At most three redirects.
// Throws Error{refused, "too_large"} over `limit` bytes, gone when the link no longer works, corrupt when it is none.
std::string download(http::Client& client, Calls& calls, const std::string& url, std::size_t limit, Millis deadline,
                     std::stop_token stop);

}  // namespace supportd::connectors::freshdesk
