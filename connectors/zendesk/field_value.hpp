// Values of custom fields, each in the type that Zendesk wants of it. Pure.
// https://developer.zendesk.com/api-reference/ticketing/tickets/ticket_fields/ "Ticket field types"
#pragma once

#include <map>
#include <string>

#include "connectors/zendesk/form.hpp"

namespace supportd::connectors::zendesk {

// The value as text: numbers and flags in digits and words, the tags of a multiselect joined by spaces; empty: unset.
std::string field_text(const json::View& value);

// Writes {"id", "value"}; an empty text clears the field. Throws Error{refused, "invalid_value"} when the text is none
// of the type, "unknown_option" when a drop-down has no such tag, naming those it has.
void write_field(json::Writer& out, const CustomField& field, const std::string& name, const std::string& value);

// Zendesk takes no notice of a value it does not like, and answers 200. Throws Error{refused, "dropped"} naming field
// and value when `shown`, the answer's fields by name, has another one than was sent.
void expect_shown(const Form& form, const FieldNames& names, const std::map<std::string, std::string>& sent,
                  const std::map<std::string, std::string>& shown);

}  // namespace supportd::connectors::zendesk
