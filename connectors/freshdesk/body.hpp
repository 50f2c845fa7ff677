// Bodies of writes: JSON, or multipart when there are files.
#pragma once

#include "connectors/desk.hpp"
#include "connectors/freshdesk/model.hpp"

namespace supportd::connectors::freshdesk {

// Each sets body and Content-Type of `request`. Throw Error{refused, "datatype_mismatch"}.
void put_ticket(http::Request& request, const NewTicket& ticket, const TicketFields& fields);
void put_update(http::Request& request, const DeskUpdate& change, const TicketFields& fields);
// `note`: says whether it is private; a reply has no such member.
void put_comment(http::Request& request, const NewComment& comment, bool note);
void put_merge(http::Request& request, const std::string& from, const std::string& into);

}  // namespace supportd::connectors::freshdesk
