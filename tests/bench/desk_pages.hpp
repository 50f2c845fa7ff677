// Pages of Freshdesk tickets as API v2 sends them, 100 tickets a page with three comments each, Korean and English.
// The same number makes the same page.
#pragma once

#include <string>
#include <vector>

#include "jobs/desk_sync/ingest.hpp"

namespace supportd::bench {

inline constexpr int tickets_a_page = 100;

struct PageText {
  std::string tickets;                     // GET /tickets
  std::vector<std::string> conversations;  // GET /tickets/ID/conversations, of each ticket in turn
};
// `number`: 0, 1, 2, ...
PageText page_text(int number);

// As the connector and the puller read it. People and companies are told of where `number`'s page names them first.
std::vector<desk_sync::Reading> read_page(const PageText& text);

}  // namespace supportd::bench
