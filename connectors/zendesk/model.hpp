// Zendesk Support rows as the desk role's values. Unknown statuses, priorities, types and members are data.
// https://developer.zendesk.com/api-reference/ticketing/tickets/tickets/#json-format
#pragma once

#include "connectors/desk.hpp"
#include "connectors/zendesk/form.hpp"

namespace supportd::connectors::zendesk {

// All throw Error{corrupt} naming the place.

// `html` is the plain description made HTML; files and what is merged stand in the audits only.
DeskTicket parse_ticket(const json::View& row, const Form& form, const FieldNames& names);
// Zendesk tags a ticket that was merged into another, and closes it.
bool is_merged(const DeskTicket& ticket);

DeskPerson parse_user(const json::View& row);
DeskOrganisation parse_organisation(const json::View& row);

// {"attachments": [...]} of a comment.
std::vector<DeskFile> parse_attachments(const json::View& row);

}  // namespace supportd::connectors::zendesk
