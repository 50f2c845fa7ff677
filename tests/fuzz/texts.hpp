// Texts that people and vendors wrote.
#pragma once

#include <string_view>

namespace supportd::fuzz {

void classification(std::string_view bytes);
void hours(std::string_view bytes);
void html(std::string_view bytes);
void icalendar(std::string_view bytes);
void markers(std::string_view bytes);
void scenarios(std::string_view bytes);

}  // namespace supportd::fuzz
