// What vendors answer, and AWS's own files.
#pragma once

#include <string_view>

namespace supportd::fuzz {

void aws_cases(std::string_view bytes);
void aws_errors(std::string_view bytes);
void aws_events(std::string_view bytes);
void aws_xml(std::string_view bytes);
void freshdesk_errors(std::string_view bytes);
void freshdesk_rows(std::string_view bytes);
void profiles(std::string_view bytes);
void zendesk_hooks(std::string_view bytes);
void zendesk_rows(std::string_view bytes);

}  // namespace supportd::fuzz
