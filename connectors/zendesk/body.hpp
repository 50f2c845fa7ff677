// Bodies of writes. Each sets body and Content-Type of `request`, and is the same for the same arguments: a keyed
// create must be. Throw Error{refused} as write_field and number_of do.
// https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#create-ticket and #update-ticket
#pragma once

#include "connectors/zendesk/form.hpp"

namespace supportd::connectors::zendesk {

// `uploads`: tokens of files.
void put_ticket(http::Request& request, const NewTicket& ticket, const Form& form, const FieldNames& names,
                const std::vector<std::string>& uploads);
void put_update(http::Request& request, const DeskUpdate& change, const Form& form, const FieldNames& names);
void put_comment(http::Request& request, const NewComment& comment, const std::string& author_id,
                 const std::vector<std::string>& uploads);
void put_merge(http::Request& request, const std::string& from, const std::string& into);

}  // namespace supportd::connectors::zendesk
