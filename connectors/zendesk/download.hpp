// Fetches an attachment from wherever its link leads.
// https://developer.zendesk.com/documentation/ticketing/managing-tickets/working-with-url-properties/
#pragma once

#include <string>

#include "connectors/zendesk/calls.hpp"

namespace supportd::connectors::zendesk {

// Our token goes only to the host of calls.base_url(), which wants it for private attachments and redirects to a signed
// link; http only when that is http itself. At most three redirects. Throws Error{refused, "too_large"} over `limit`
// bytes, gone when the link no longer works, corrupt when it is none.
std::string download(http::Client& client, Calls& calls, const std::string& url, std::size_t limit, Millis deadline,
                     std::stop_token stop);

}  // namespace supportd::connectors::zendesk
