// Members as Zendesk writes them: ids are numbers in REST, text in webhooks; absent and null are the same.
#pragma once

#include <optional>
#include <string>

#include "daemon/json.hpp"
#include "daemon/time/instant.hpp"

namespace supportd::connectors::zendesk {

// A text, number or flag; absent and null are "". Throws Error{corrupt} on objects and arrays.
std::string scalar(const json::View& row, std::string_view key);
// The member "id". Throws Error{corrupt}.
std::string required_id(const json::View& row);
// The same; empty when there is none that can be read.
std::string row_id(const json::View& row);
// Throws Error{corrupt}.
Instant instant(const json::View& value);
std::optional<Instant> instant_at(const json::View& row, std::string_view key);

// Ids stand in paths. Throws Error{refused, "invalid_value"} when it is no number of at most 19 digits.
const std::string& checked_id(const std::string& id);
// "5" as the number 5. Throws Error{refused, "invalid_value"}.
std::int64_t number_of(const std::string& text, std::string_view field);

// Plain text as HTML.
std::string html_of(std::string_view text);

}  // namespace supportd::connectors::zendesk
