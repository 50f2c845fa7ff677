// What the machine itself parses.
#pragma once

#include <string_view>

namespace supportd::fuzz {

void config_files(std::string_view bytes);
void cron(std::string_view bytes);
void http_request(std::string_view bytes);
void instants(std::string_view bytes);
void json_document(std::string_view bytes);
void multipart(std::string_view bytes);
void zone(std::string_view bytes);

}  // namespace supportd::fuzz
