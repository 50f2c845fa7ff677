// Freshdesk API v2 rows as the desk role's values. Unknown statuses, priorities and members are data.
// https://developers.freshdesk.com/api/#tickets
#pragma once

#include <map>
#include <string>
#include <vector>

#include "connectors/desk.hpp"
#include "daemon/json.hpp"

namespace supportd::connectors::freshdesk {

// All throw Error{corrupt} naming the place.
DeskTicket parse_ticket(const json::View& row);
// `is_public`: what to take it for when the row does not say (answers to replies do not).
DeskComment parse_comment(const json::View& row, bool is_public);
DeskPerson parse_contact(const json::View& row);
DeskPerson parse_agent(const json::View& row);
DeskOrganisation parse_company(const json::View& row);

// What the account's ticket form says of its fields.
struct TicketFields {
  DeskForm form;                             // in its order; of nested drop-downs the first level's choices
  std::map<std::string, std::string> types;  // custom fields: "cf_reference" is "custom_text"
};
TicketFields parse_ticket_fields(const json::View& answer);

// The row's id as text; empty when it has none that can be read.
std::string row_id(const json::View& row);

// The value of a custom field in the type that Freshdesk wants of it; empty clears it. Throws
// Error{refused, "datatype_mismatch"} when the text is none of that type.
void write_field(json::Writer& out, const std::string& name, const std::string& value, const TicketFields& fields);
// "5" as the number 5. Throws Error{refused, "datatype_mismatch"}.
std::int64_t number_of(std::string_view text, std::string_view field);

}  // namespace supportd::connectors::freshdesk
